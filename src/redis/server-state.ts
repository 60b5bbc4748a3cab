import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSameProcess, startMark } from './process-identity.ts';

/** What the starter of the server leaves for the apps that come after it, in `server.json`. */
export interface ServerState {
  /** The folder the server was started in; a copied or moved folder shows by it. */
  dir: string;
  url: string;
  /** `null` while the server is being started. */
  pid: number | null;
  /** The server's `startMark`. */
  mark: string | null;
}

const stateFile = (dir: string) => join(dir, 'server.json');
const usersFolder = (dir: string) => join(dir, 'users');

/** `null` when there is none, or when it cannot be understood: the server is then looked for without it. */
export async function readState(dir: string): Promise<ServerState | null> {
  const text = await readFile(stateFile(dir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  try {
    const value: unknown = JSON.parse(text);
    return isState(value) ? value : null;
  } catch {
    return null;
  }
}

function isState(value: unknown): value is ServerState {
  if (typeof value !== 'object' || value === null) return false;
  const { dir, url, pid, mark } = value as Partial<Record<keyof ServerState, unknown>>;
  const isText = typeof dir === 'string' && typeof url === 'string' && (mark === null || typeof mark === 'string');
  return isText && (pid === null || Number.isSafeInteger(pid));
}

export async function writeState(dir: string, state: ServerState): Promise<void> {
  const draft = `${stateFile(dir)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  await rename(draft, stateFile(dir));
}

export async function clearState(dir: string): Promise<void> {
  await rm(stateFile(dir), { force: true });
}

/** The server's pid, only while that very process runs and was started for this folder: safe to kill. */
export function verifiedPid(state: ServerState | null, dir: string): number | null {
  if (state === null || state.dir !== dir || state.pid === null || state.mark === null) return null;
  return isSameProcess(state.pid, state.mark) ? state.pid : null;
}

/** Notes that this process uses the server; answers the name of the note. */
export async function addUser(dir: string): Promise<string> {
  await mkdir(usersFolder(dir), { recursive: true, mode: 0o700 });
  const user = `${process.pid}-${randomUUID()}`;
  await writeFile(join(usersFolder(dir), user), startMark(process.pid) ?? '', { mode: 0o600 });
  return user;
}

export async function removeUser(dir: string, user: string): Promise<void> {
  await rm(join(usersFolder(dir), user), { force: true });
}

/** Removes the notes of dead processes and answers how many living users are left. */
export async function sweepUsers(dir: string): Promise<number> {
  let living = 0;
  for (const user of await readdir(usersFolder(dir))) {
    const mark = await readFile(join(usersFolder(dir), user), 'utf8');
    if (isSameProcess(Number.parseInt(user, 10), mark)) living += 1;
    else await removeUser(dir, user);
  }
  return living;
}
