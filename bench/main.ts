import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compileBenches } from './compile.ts';

/** `npm run bench -- [names] [--json] [--profile] [--rounds N]`: each bench is a file of its own and runs alone. */

const BENCHES: Record<string, string> = {
  ioredis: 'ioredis 5 and 6 on what the engine asks of its client (15 s)',
  'group-commit': 'rows a second into SQLite, with and without a shared transaction (30 s)',
  engine: 'deliveries a second, latency and backlog with a no-op handler, beside a bare loop and BullMQ (150 s)',
  latency: 'booking committed → message at Telegram, idle (20 s)',
  push: 'Web Push messages a second over local TLS, and what each step costs, beside the npm package web-push (60 s)',
  broadcast:
    'a broadcast at 30 a second beside bookings, calm and in trouble, beside throttler and BullMQ (half an hour, only when named)',
  bookings: 'POST /v1/bookings, durable, beside Fastify + MikroORM + BullMQ (60 s)',
  reminders:
    '100,000 reminders due within a minute, with bookings beside them, limit lifted and at 30 a second (nine minutes, only when named)',
  api: 'the HTTP API: pace, latency, memory, and all the way to a message (twelve minutes, only when named)',
};

/** Too long for a run of all. */
const ONLY_WHEN_NAMED = ['broadcast', 'reminders', 'api'];

const named = process.argv.slice(2);
const flagsAt = named.findIndex((argument) => argument.startsWith('-'));
const names = flagsAt === -1 ? named : named.slice(0, flagsAt);
const flags = flagsAt === -1 ? [] : named.slice(flagsAt);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));

const list = Object.entries(BENCHES).map(([name, about]) => `  ${name.padEnd(14)}${about}`);
process.stderr.write(`Benches (npm run bench -- NAME… [--json] [--profile] [--rounds N]):\n${list.join('\n')}\n\n`);

/** Answers its exit code. */
async function run(file: string): Promise<number> {
  const child = spawn(process.execPath, ['--enable-source-maps', file, ...flags], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** One after another; ends with the first that fails. */
async function runAll(): Promise<number> {
  const { folder, remove } = await compileBenches();
  try {
    for (const name of names.length > 0
      ? names
      : Object.keys(BENCHES).filter((name) => !ONLY_WHEN_NAMED.includes(name))) {
      if (!flags.includes('--json')) process.stdout.write(`## ${name}\n\n`);
      const code = await run(join(folder, 'bench', `${name}.js`));
      if (code !== 0) return code;
      if (!flags.includes('--json')) process.stdout.write('\n');
    }
    return 0;
  } finally {
    await remove();
  }
}

// The running bench gets Ctrl-C from the terminal too, and cleans up after itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

if (unknown.length > 0) {
  process.stderr.write(`There is no bench called ${unknown.join(', ')}.\n`);
  process.exitCode = 2;
} else {
  process.exitCode = await runAll().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  });
}
