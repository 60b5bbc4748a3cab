import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { type InstallStep, installAdvice, installPlan } from './server-install.ts';
import { isExecutable, type System, thisSystem } from './system.ts';

/** The oldest Redis whose streams this product knows; Valkey's versions go on from it. */
export const MIN_REDIS_VERSION = '7.0.0';

const VERSION_TIMEOUT_MS = 10_000;
/** For all steps of an install together. */
const INSTALL_TIMEOUT_MS = 240_000;
/** Debian's package `redis-tools` holds the server itself under the last name; `redis-server` is a link to it. */
const SERVER_NAMES = ['redis-server', 'valkey-server', 'redis-check-rdb'];

/** Start it with `argv0: 'redis-server'`: the executable goes by the name it is called by. */
export interface RedisServerBinary {
  file: string;
  version: string;
}

/** No usable server, and none could be installed; the message is one line with three ways out. */
export class RedisMissingError extends Error {
  readonly code = 'redis_missing';
}

/** Reads `redis-server --version`: `Redis server v=7.0.15 sha=…` or `Valkey server v=8.0.1 sha=…`. */
export function parseServerVersion(output: string): string | null {
  return /^(?:Redis|Valkey) server v=(\d+\.\d+\.\d+)/m.exec(output)?.[1] ?? null;
}

/** Compares dotted numbers; a suffix such as `-rc1` is not looked at. */
export function isVersionAtLeast(version: string, minimum: string): boolean {
  const parts = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10));
  const wanted = parts(minimum);
  const given = parts(version);
  const differs = wanted.findIndex((number, index) => (given[index] ?? 0) !== number);
  return differs === -1 || (given[differs] ?? 0) > (wanted[differs] ?? 0);
}

/** Every server on this machine in the order of the search, the too old ones too. */
async function listServers(system: System): Promise<RedisServerBinary[]> {
  const found: RedisServerBinary[] = [];
  for (const name of SERVER_NAMES)
    for (const folder of system.folders) {
      const file = join(folder, name);
      if (!(await isExecutable(file))) continue;
      const { output } = await system.run(file, ['--version'], {
        argv0: 'redis-server',
        timeoutMs: VERSION_TIMEOUT_MS,
      });
      const version = parseServerVersion(output);
      if (version === null) continue;
      found.push({ file, version });
      if (isVersionAtLeast(version, MIN_REDIS_VERSION)) return found;
    }
  return found;
}

/**
 * Finds a Redis or Valkey server that is new enough, or installs one where that needs no question.
 * `say` gets one line before an install begins.
 * @throws {RedisMissingError}
 */
export async function ensureRedisServer(deps: {
  say: (line: string) => void;
  system?: System;
}): Promise<RedisServerBinary> {
  const { say, system = thisSystem() } = deps;
  const found = newEnough(await listServers(system));
  if (found !== undefined) return found;
  return await withFileLock(join(tmpdir(), 'vestnik-redis-install'), INSTALL_TIMEOUT_MS, async () => {
    const servers = await listServers(system);
    return newEnough(servers) ?? (await install(system, servers, say));
  });
}

async function install(
  system: System,
  tooOld: RedisServerBinary[],
  say: (line: string) => void,
): Promise<RedisServerBinary> {
  const steps = await installPlan(system);
  const deadline = performance.now() + INSTALL_TIMEOUT_MS;
  let failure = '';
  if (steps.length > 0) say('No Redis server found; installing one with the package manager (up to a few minutes)…');
  for (const step of steps) {
    failure = await runStep(system, step, deadline - performance.now());
    const server = newEnough(await listServers(system));
    if (server !== undefined) return server;
  }
  throw new RedisMissingError(missingMessage(await installAdvice(system), tooOld, failure));
}

/** Answers what went wrong, or an empty text. */
async function runStep(system: System, step: InstallStep, timeoutMs: number): Promise<string> {
  if (timeoutMs <= 0) return `${step.name} had no time left`;
  const { code, output } = await system.run(step.file, step.args, { env: step.env, timeoutMs });
  if (code === 0) return '';
  const lastLine = output.trim().split('\n').at(-1)?.trim();
  return `${step.name} failed${lastLine ? `: ${lastLine}` : ''}`;
}

function missingMessage(installCommand: string, tooOld: RedisServerBinary[], failure: string): string {
  const old = tooOld.map(({ file, version }) => `${file} is ${version}`).join(', ');
  const reasons = [old, failure].filter((reason) => reason !== '').join('; ');
  return (
    `No redis-server or valkey-server 7.0 or newer was found${reasons === '' ? '' : ` (${reasons})`}. ` +
    `Three ways out: install one (${installCommand}), set REDIS_URL=redis://HOST:PORT to one that runs, ` +
    'or set REDIS_URL=redis://127.0.0.1:6379 after: docker compose up --detach redis'
  );
}

function newEnough(servers: RedisServerBinary[]): RedisServerBinary | undefined {
  return servers.find(({ version }) => isVersionAtLeast(version, MIN_REDIS_VERSION));
}
