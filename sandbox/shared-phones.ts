import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '#src/redis/file-lock.ts';
import { startTelegramSimulator, type TelegramSimulator } from './telegram/simulator.ts';

const BOT_ID = 424242;
const LOCK_WAIT_MS = 20_000;
const PROBE_DEADLINE_MS = 2_000;

/** The phones of this folder, whichever sandbox shows them. */
export interface Phones extends Pick<TelegramSimulator, 'registerUser' | 'showCommand'> {
  /** Where the page is, and the API root of the bot. */
  address: string;
  token: string;
  /** Another sandbox of this folder shows them: its people stay as they are, and it ends them. */
  isShared: boolean;
  /** Idempotent. */
  stop(): Promise<void>;
}

export interface PhonesOptions {
  dataDir: string;
  host: string;
  /** Any free port is taken where this one is not. */
  port: number;
  /** They have pressed Start before anybody can write to them. */
  people: Parameters<TelegramSimulator['registerUser']>[0][];
}

/**
 * Whoever delivers in this folder must write to the phones that are looked at, so a second sandbox uses the first one's.
 * The file `sandbox-phones` holds their address with the token, as `http://HOST:PORT/bot<token>`. The token outlives
 * them: it tells them from another folder's phones on the same port.
 */
export async function openPhones(options: PhonesOptions): Promise<Phones> {
  const file = join(options.dataDir, 'sandbox-phones');
  await mkdir(options.dataDir, { recursive: true });
  return await withFileLock(file, LOCK_WAIT_MS, async () => {
    const last = await readLast(file);
    if (last && (await answers(last))) return sharedPhones(last);
    const token = last?.token ?? `${BOT_ID}:${randomBytes(12).toString('base64url')}`;
    const simulator = await startSimulator(token, options);
    for (const person of options.people) simulator.registerUser(person);
    const address = loopbackAddress(simulator.apiRoot);
    await writeFile(file, `${address}/bot${token}\n`, { mode: 0o600 });
    return { ...simulator, address, token, isShared: false };
  });
}

/** An address that listens everywhere, as this machine reaches it. */
export function loopbackAddress(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

interface Place {
  address: string;
  token: string;
}

async function readLast(file: string): Promise<Place | null> {
  try {
    const [, address, token] =
      /^(http:\/\/[^/\s]+)\/bot(\d+:[\w-]+)$/.exec((await readFile(file, 'utf8')).trim()) ?? [];
    return address === undefined || token === undefined ? null : { address, token };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function answers({ address, token }: Place): Promise<boolean> {
  try {
    const response = await fetch(`${address}/bot${token}/getMe`, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody is there, or nobody who speaks HTTP: not ours.
    return false;
  }
}

const sharedPhones = (place: Place): Phones => ({
  ...place,
  isShared: true,
  registerUser: () => undefined,
  showCommand: () => undefined,
  stop: async () => undefined,
});

async function startSimulator(token: string, { host, port }: PhonesOptions): Promise<TelegramSimulator> {
  const options = { token, host, firstId: Math.floor(Date.now() / 1000) };
  try {
    return await startTelegramSimulator({ ...options, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await startTelegramSimulator(options);
  }
}
