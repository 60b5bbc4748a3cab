import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '#src/redis/file-lock.ts';
import type { PhoneOwner, SubscribePage } from './push/push-phone.ts';
import { type PushPhones, type PushPlace, sharedPushPlace, startPushPhones } from './push-phones.ts';
import { startTelegramSimulator, type TelegramSimulator } from './telegram/simulator.ts';

const BOT_ID = 424242;
const LOCK_WAIT_MS = 20_000;
const PROBE_DEADLINE_MS = 2_000;

/** The phones of this folder, whichever sandbox shows them. */
export interface Phones extends Pick<TelegramSimulator, 'registerUser' | 'showCommands'> {
  /** Where the page is, and the API root of the bot. */
  address: string;
  token: string;
  /** Where messages to browsers go; null where another sandbox, of an earlier version, shows the phones. */
  push: PushPlace | null;
  /** The person without Telegram opens the page, and their browser subscribes. */
  openPushPage(page: SubscribePage): Promise<void>;
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
  /** The person without Telegram. */
  pushOwner: PhoneOwner;
}

/**
 * Whoever delivers in this folder must write to the phones that are looked at, so a second sandbox uses the first one's.
 * The file `sandbox-phones` holds their address with the token, as `http://HOST:PORT/bot<token>`, and below it that of the push
 * service. The token outlives them: it tells them from another folder's phones on the same port.
 */
export async function openPhones(options: PhonesOptions): Promise<Phones> {
  const { dataDir } = options;
  const file = join(dataDir, 'sandbox-phones');
  await mkdir(dataDir, { recursive: true });
  return await withFileLock(file, LOCK_WAIT_MS, async () => {
    const last = await readLast(file);
    if (last && (await answers(last))) return sharedPhones(last, await sharedPushPlace(dataDir, last.pushOrigin));
    const token = last?.token ?? `${BOT_ID}:${randomBytes(12).toString('base64url')}`;
    const phones = await startPhones(token, last?.pushOrigin ?? null, options);
    try {
      await writeFile(file, `${phones.address}/bot${token}\n${phones.push.origin}\n`, { mode: 0o600 });
    } catch (error) {
      await phones.stop();
      throw error;
    }
    return phones;
  });
}

async function startPhones(token: string, lastOrigin: string | null, options: PhonesOptions) {
  const push = await startPushPhones({ dataDir: options.dataDir, owner: options.pushOwner, lastOrigin });
  try {
    const simulator = await startSimulator(token, push, options);
    for (const person of options.people) simulator.registerUser(person);
    return {
      ...simulator,
      ...{ address: loopbackAddress(simulator.apiRoot), token, isShared: false },
      push,
      openPushPage: push.openPage,
      stop: async () => void (await Promise.all([simulator.stop(), push.stop()])),
    };
  } catch (error) {
    await push.stop();
    throw error;
  }
}

/** An address that listens everywhere, as this machine reaches it. */
export function loopbackAddress(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

interface Place {
  address: string;
  token: string;
  pushOrigin: string | null;
}

async function readLast(file: string): Promise<Place | null> {
  try {
    const [, address, token, pushOrigin = null] =
      /^(http:\/\/[^/\s]+)\/bot(\d+:[\w-]+)(?:\n(https:\/\/[\w.-]+:\d+))?$/.exec(
        (await readFile(file, 'utf8')).trim(),
      ) ?? [];
    return address === undefined || token === undefined ? null : { address, token, pushOrigin };
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

const sharedPhones = ({ address, token }: Place, push: PushPlace | null): Phones => ({
  ...{ address, token, push, isShared: true },
  registerUser: () => undefined,
  showCommands: () => undefined,
  openPushPage: async () => undefined,
  stop: async () => undefined,
});

async function startSimulator(
  token: string,
  { phones: pushPhones }: PushPhones,
  { host, port }: PhonesOptions,
): Promise<TelegramSimulator> {
  const options = { token, host, firstId: Math.floor(Date.now() / 1000), pushPhones };
  try {
    return await startTelegramSimulator({ ...options, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await startTelegramSimulator(options);
  }
}
