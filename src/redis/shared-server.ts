import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../observability/log.ts';
import { socketUrl } from './connection.ts';
import { startMark } from './process-identity.ts';
import type { RedisServerBinary } from './server-binary.ts';
import {
  freePort,
  type Listen,
  launchServer,
  probeServer,
  requestShutdown,
  type ServerFacts,
  SOCKET_NAME,
  untilServing,
} from './server-process.ts';
import { clearState, readState, type ServerState, verifiedPid, writeState } from './server-state.ts';

/** A socket address holds 108 bytes on Linux and 104 on a Mac, the ending zero included. */
const MAX_SOCKET_PATH_BYTES = 100;
/** Loading a large append-only file takes its time. */
const START_DEADLINE_MS = 120_000;
const SHUTDOWN_DEADLINE_MS = 5_000;
const POLL_MS = 20;

/** The server of one folder, as this file's functions need it. They must run under the folder's lock. */
export interface ServerFolder {
  /** Absolute, without symbolic links: Redis tells its folder in that form. */
  dir: string;
  log: Logger;
  findBinary: () => Promise<RedisServerBinary>;
  /** A server that was started a moment ago, or is busy, gets this long to answer before it counts as hung. */
  hungAfterMs: number;
}

export interface RunningServer {
  url: string;
  facts: ServerFacts;
}

/** Something else sits where this folder's server belongs; nothing was touched. */
export class ForeignServerError extends Error {
  readonly code = 'foreign_redis';
}

const preferredUrl = (dir: string): string | null => {
  const path = join(dir, SOCKET_NAME);
  return Buffer.byteLength(path) < MAX_SOCKET_PATH_BYTES ? socketUrl(path) : null;
};

/**
 * Answers the folder's running server, or starts one; a hung one of ours is replaced. With `fixedUrl` it listens there
 * and nowhere else, so that clients find it again.
 */
export async function ensureServer(folder: ServerFolder, fixedUrl?: string): Promise<RunningServer> {
  const { dir, log } = folder;
  const state = await readState(dir);
  const found = await findServer(folder, state);
  if (found !== null) return await untilLoaded(found);
  const hungPid = verifiedPid(state, dir);
  if (hungPid !== null) {
    log.warn({ pid: hungPid }, 'The private Redis server does not answer; replacing it');
    process.kill(hungPid, 'SIGKILL');
    await untilGone(hungPid, SHUTDOWN_DEADLINE_MS);
  }
  return await startServer(folder, fixedUrl ?? preferredUrl(dir) ?? (await reusablePortUrl(state)));
}

/** The address of the folder's server while it runs. It only looks, so it needs no lock. */
export async function lookForServer(dir: string): Promise<string | null> {
  for (const url of placesToLook(dir, await readState(dir))) {
    const probe = await probeServer(url);
    if (probe.kind === 'answers' && probe.facts.dir === dir) return url;
  }
  return null;
}

function placesToLook(dir: string, state: ServerState | null): Set<string> {
  return new Set([preferredUrl(dir), state?.url ?? null].filter((url) => url !== null));
}

/** Looks at the socket, then where `server.json` points. A server counts as ours when it works in our folder. */
async function findServer(folder: ServerFolder, state: ServerState | null): Promise<RunningServer | null> {
  const { dir, hungAfterMs } = folder;
  const ownUrl = preferredUrl(dir);
  for (const url of placesToLook(dir, state)) {
    const giveUpAt = performance.now() + hungAfterMs;
    const isExpected = () => url === ownUrl || verifiedPid(state, dir) !== null;
    let probe = await probeServer(url, hungAfterMs);
    while (probe.kind === 'silent' && isExpected() && performance.now() < giveUpAt) {
      await sleep(POLL_MS);
      probe = await probeServer(url, hungAfterMs);
    }
    if (probe.kind === 'answers' && probe.facts.dir === dir) return { url, facts: probe.facts };
    const isInOurPlace = url === ownUrl && probe.kind !== 'absent' && verifiedPid(state, dir) === null;
    if (isInOurPlace)
      throw new ForeignServerError(
        `Something that is not our Redis server listens on ${url}; end it, then start again`,
      );
  }
  return null;
}

async function untilLoaded(server: RunningServer): Promise<RunningServer> {
  const giveUpAt = performance.now() + START_DEADLINE_MS;
  let { facts } = server;
  while (facts.isLoading && performance.now() < giveUpAt) {
    await sleep(POLL_MS);
    const probe = await probeServer(server.url);
    if (probe.kind === 'answers') facts = probe.facts;
  }
  return { url: server.url, facts };
}

/** The port of the last start while nobody else has taken it, else a free one. */
async function reusablePortUrl(state: ServerState | null): Promise<string> {
  const isFree = state?.url.startsWith('redis:') === true && (await probeServer(state.url)).kind === 'absent';
  return isFree ? state.url : `redis://127.0.0.1:${await freePort()}`;
}

async function startServer({ dir, findBinary }: ServerFolder, url: string): Promise<RunningServer> {
  const binary = await findBinary();
  const listen: Listen = url.startsWith('unix:') ? { socket: true } : { port: Number(new URL(url).port) };
  // Written first, so that a server whose starter dies here is found by its port.
  await writeState(dir, { dir, url, pid: null, mark: null });
  const server = launchServer(binary, dir, listen, 'always');
  const { child } = server;
  if (child.pid !== undefined) await writeState(dir, { dir, url, pid: child.pid, mark: startMark(child.pid) });
  const facts = await untilServing(server, url, dir, START_DEADLINE_MS);
  child.unref();
  return { url, facts };
}

/** Ends the folder's server: SHUTDOWN, then SIGKILL at a deadline for a process that is verified to be ours. */
export async function shutDownServer(folder: ServerFolder): Promise<void> {
  const { dir, log } = folder;
  const state = await readState(dir);
  const server = await findServer(folder, state);
  if (server !== null) {
    await requestShutdown(server.url);
    await untilClosed(server.url, SHUTDOWN_DEADLINE_MS);
  }
  const pid = verifiedPid(state, dir);
  if (pid !== null && !(await untilGone(pid, SHUTDOWN_DEADLINE_MS))) {
    log.warn({ pid }, 'The private Redis server did not end in time; killing it');
    process.kill(pid, 'SIGKILL');
    await untilGone(pid, SHUTDOWN_DEADLINE_MS);
  }
  await clearState(dir);
}

async function untilClosed(url: string, waitMs: number): Promise<void> {
  const giveUpAt = performance.now() + waitMs;
  while ((await probeServer(url)).kind !== 'absent' && performance.now() < giveUpAt) await sleep(POLL_MS);
}

async function untilGone(pid: number, waitMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + waitMs;
  const mark = startMark(pid);
  while (mark !== null && startMark(pid) === mark) {
    if (performance.now() > giveUpAt) return false;
    await sleep(POLL_MS);
  }
  return true;
}
