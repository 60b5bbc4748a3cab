#!/usr/bin/env node
// A user's first minutes, as CI plays them: `npm start` without any setting, the printed curl line, everyone's message
// in the simulator, SIGTERM, and a restart with a booking whose messages wait. Every step has a deadline, and nothing may be left running.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureBuilt, ROOT } from './build.mjs';

const START_DEADLINE_MS = 120_000;
const MESSAGES_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 20_000;
const POLL_MS = 50;
/** One booking by the back end: the client, the specialist and two admins hear of it. */
const EXPECTED_CHATS = 4;

const began = performance.now();
const folder = await realpath(await mkdtemp(join(tmpdir(), 'vestnik-smoke-')));
try {
  await smoke();
  console.log(`Smoke test passed in ${Math.round(performance.now() - began)} ms`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function smoke() {
  await ensureBuilt({ say: console.log });
  await run({}, async (app) => {
    const booking = await book(app);
    console.log(`Booking #${booking}: messages for ${(await allMessages(app)).join(', ')}`);
    const redisCli = await app.printed(/^\s*Redis\s+((?:redis|valkey)-cli .+?)\s*$/m);
    await waitFor('an empty stream', MESSAGES_DEADLINE_MS, async () => {
      return (await shell(`${redisCli} XLEN events:p2p`)).trim() === '0';
    });
  });
  // Nobody delivers here, so that the next start finds work on phones that have only just been made.
  const waiting = await run({ ROLES: 'api' }, book);
  await run({}, async (app) => {
    console.log(`Booking #${waiting}, after a restart: messages for ${(await allMessages(app)).join(', ')}`);
  });
}

/** Runs the printed line; answers the booking's number. */
async function book(app) {
  const curl = await app.printed(/^\s*(curl -X POST .+)$/m);
  const api = await app.printed(/^\s*API\s+(http\S+)/m);
  await waitFor('readyz', START_DEADLINE_MS, async () => (await fetch(`${api}/readyz`)).ok);
  return JSON.parse(await shell(`${curl} --silent --show-error --fail-with-body --max-time 10`)).id;
}

/** Waits until everyone has a message, and answers their names. */
async function allMessages(app) {
  const phones = await app.printed(/^\s*Phones\s+(http\S+?)\/?\s*$/m);
  return await waitFor('all messages', MESSAGES_DEADLINE_MS, async () => {
    const names = await chatsWithMessages(phones);
    return names.length === EXPECTED_CHATS ? names : null;
  });
}

/**
 * One life of the app, from `npm start` to SIGTERM, after which nothing may be left.
 * @template T
 * @param {Record<string, string>} env
 * @param {(app: Awaited<ReturnType<typeof startApp>>) => Promise<T>} play
 * @returns {Promise<T>}
 */
async function run(env, play) {
  const app = await startApp(env);
  try {
    const result = await play(app);
    const code = await app.stop();
    if (code !== 0) throw new Error(`npm start ended with ${code} after SIGTERM`);
    const left = (await shell('ps -eo pid,pgid,args')).split('\n').filter((line) => app.owns(line));
    if (left.length > 0) throw new Error(`Still running after the end:\n${left.join('\n')}`);
    return result;
  } catch (error) {
    console.error(app.output());
    throw error;
  } finally {
    await app.stop();
    app.kill();
  }
}

/**
 * `npm start` in a process group of its own. The script is the project's; it runs in a folder of its own, so that its
 * `.data` is new and no other app on this machine is disturbed.
 */
async function startApp(extraEnv) {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const start = scripts.start.replace('scripts/', `${ROOT}/scripts/`);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, scripts: { start } }));
  const { TELEGRAM_BOT_TOKEN: _token, REDIS_URL: _redis, DATABASE_URL: _database, ...env } = process.env;
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...env, PORT: String(await freePort()), ...extraEnv },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
  return {
    output: () => output,
    /** @param {RegExp} pattern */
    printed: (pattern) =>
      waitFor(`a line like ${pattern}`, START_DEADLINE_MS, () => {
        if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
        return pattern.exec(output)?.[1];
      }),
    async stop() {
      child.kill('SIGTERM');
      return await Promise.race([exited, sleep(STOP_DEADLINE_MS, 'nothing for too long', { ref: false })]);
    },
    /** Whether a line of `ps -eo pid,pgid,args` is of this app; a private Redis is known by its folder. */
    owns(line) {
      const [pid, pgid] = line.trim().split(/\s+/);
      return Number(pgid) === child.pid || workingFolder(pid).startsWith(folder);
    },
    kill() {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    },
  };
}

/** Empty where the system does not tell. */
function workingFolder(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/**
 * The names of the people who got a message, from the first event of the simulator's stream.
 * @param {string} phones
 */
async function chatsWithMessages(phones) {
  const response = await fetch(`${phones}/sandbox/events`, { signal: AbortSignal.timeout(MESSAGES_DEADLINE_MS) });
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const state = /^event: state\ndata: (.+)\n\n/m.exec(text)?.[1];
    if (state === undefined) continue;
    const { chats } = JSON.parse(state);
    return chats.filter(({ messages }) => messages.length > 0).map(({ name }) => name);
  }
  throw new Error('The simulator told no state');
}

/**
 * Asks again until the answer is truthy.
 * @template T
 * @param {string} what
 * @param {number} deadlineMs
 * @param {() => T | Promise<T>} ask
 * @returns {Promise<NonNullable<T>>}
 */
async function waitFor(what, deadlineMs, ask) {
  const giveUpAt = performance.now() + deadlineMs;
  while (performance.now() < giveUpAt) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(POLL_MS);
  }
  throw new Error(`Waited ${deadlineMs} ms for ${what}`);
}

/** @param {string} line */
async function shell(line) {
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { timeout: MESSAGES_DEADLINE_MS });
  return stdout;
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
