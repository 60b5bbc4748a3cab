import { createECDH } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { pushSettings, vapidPairTrouble } from '../../push-settings.ts';
import { readOrWriteOnce } from '../../write-once.ts';

const FILE_NAME = 'vapid-keys.json';

/** RFC 8292 lets the subject be left out, Apple's service does not; this one is nobody's (RFC 2606). */
const NOBODY = 'mailto:vestnik@example.com';

/** Who we are to every push service (RFC 8292). Changing the keys cuts off every subscription made with them. */
export interface VapidKeys {
  /** An uncompressed P-256 point, in base64url: the `applicationServerKey` of the page. */
  publicKey: string;
  /** In base64url. */
  privateKey: string;
  /** A `mailto:` or `https:` URL by which a push service can reach the operator. */
  subject: string;
}

type KeyPair = Pick<VapidKeys, 'publicKey' | 'privateKey'>;

const storedKeys = z.object({
  public_key: pushSettings.VAPID_PUBLIC_KEY.unwrap(),
  private_key: pushSettings.VAPID_PRIVATE_KEY.unwrap(),
});

/** The file of the keys is damaged. Never replaced by itself: that would cut off every subscription. */
export class VapidKeysError extends Error {
  readonly code = 'bad_vapid_keys';
}

export function generateVapidKeys(): KeyPair {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys('base64url');
  // A private key may start with zero bytes, which OpenSSL leaves out.
  const privateKey = Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url');
  return { publicKey, privateKey };
}

/**
 * The keys as given, else those of `<dataDir>/vapid-keys.json`, which the first of any number of processes makes.
 * @throws {VapidKeysError} the file makes no sense.
 */
export async function loadVapidKeys(options: {
  publicKey?: string | undefined;
  privateKey?: string | undefined;
  email?: string | undefined;
  /** Names the operator where there is no e-mail address. */
  publicUrl?: string | undefined;
  dataDir: string;
}): Promise<VapidKeys> {
  const { publicKey, privateKey, dataDir } = options;
  const isGiven = publicKey !== undefined && privateKey !== undefined;
  const pair = isGiven ? { publicKey, privateKey } : await storedPair(dataDir);
  return { ...pair, subject: subjectOf(options) };
}

function subjectOf({ email, publicUrl }: { email?: string | undefined; publicUrl?: string | undefined }): string {
  if (email !== undefined) return email.toLowerCase().startsWith('mailto:') ? email : `mailto:${email}`;
  const url = publicUrl === undefined ? null : new URL(publicUrl);
  // Apple's service refuses a subject on localhost.
  const isReachable = url?.protocol === 'https:' && !/^localhost$|\.localhost$|^[\d.]+$|^\[/.test(url.hostname);
  return isReachable ? url.origin : NOBODY;
}

async function storedPair(dataDir: string): Promise<KeyPair> {
  const path = join(dataDir, FILE_NAME);
  return parse(await readOrWriteOnce(path, () => format(generateVapidKeys())), path);
}

function format({ publicKey, privateKey }: KeyPair): string {
  return `${JSON.stringify({ public_key: publicKey, private_key: privateKey }, null, 2)}\n`;
}

function parse(text: string, path: string): KeyPair {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new VapidKeysError(`${path} holds no JSON; restore it, as a new key cuts off every subscription`, { cause });
  }
  const { data } = storedKeys.safeParse(json);
  if (!data || vapidPairTrouble({ VAPID_PUBLIC_KEY: data.public_key, VAPID_PRIVATE_KEY: data.private_key }))
    throw new VapidKeysError(`${path} holds no pair of keys; restore it, as a new key cuts off every subscription`);
  return { publicKey: data.public_key, privateKey: data.private_key };
}
