#!/usr/bin/env node
// `npm start`: builds when needed, then becomes the app, in this very process; without a bot token, the sandbox.
import { ensureBuiltOrExit, runBuilt } from './build.mjs';

const PARENT_CHECK_MS = 1_000;
const SIGNALS = { SIGINT: 130, SIGTERM: 143 };

// Ctrl-C comes twice under npm, once from the terminal and once from npm. These listeners keep the second one from
// ending the process while the app stops; before the app runs, the first one ends it.
let isAppRunning = false;
for (const [signal, code] of Object.entries(SIGNALS))
  process.on(signal, () => {
    if (!isAppRunning) process.exit(code);
  });

// An npm that is killed cannot pass the signal on: its end is ours.
if (process.env.npm_lifecycle_event === 'start') {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS).unref();
}

await ensureBuiltOrExit({ say: console.log });
isAppRunning = true;
await runBuilt(process.env.TELEGRAM_BOT_TOKEN ? 'src/main.js' : 'sandbox/main.js');
