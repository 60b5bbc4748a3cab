import { createECDH, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** RFC 8292, section 3.2: a P-256 key, the public one an uncompressed point, in base64url without padding. */
const PUBLIC_KEY = /^B[\w-]{86}$/;
const PRIVATE_KEY = /^[\w-]{43}$/;

/** Apple's push service refuses a subject on localhost, or one with spaces or angle brackets. */
const EMAIL = /^(?:mailto:)?[^\s<>@,]+@(?!localhost\b)[^\s<>@,]+$/i;

/** A host name or address, `*.` for all below it, a port where it is another than 443. */
const HOST = /^(?:\*\.)?(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Also what the pattern lets through, such as a port beyond 65535. */
const isHost = (host: string): boolean => HOST.test(host) && URL.canParse(`https://${host.replace('*.', '')}`);

function isCertificate(path: string): boolean {
  try {
    new X509Certificate(readFileSync(path));
    return true;
  } catch {
    // Not there, not ours to read, a folder, or no certificate: the message says what it must be.
    return false;
  }
}

const hostList = z.string().transform((text) => text.split(',').map((host) => host.trim()));

/** The variables of Web Push. */
export const pushSettings = {
  VAPID_PUBLIC_KEY: z.string().regex(PUBLIC_KEY, 'must be a P-256 public key in base64url, 87 characters').optional(),
  VAPID_PRIVATE_KEY: z
    .string()
    .regex(PRIVATE_KEY, 'must be a P-256 private key in base64url, 43 characters')
    .optional(),
  VAPID_EMAIL: z.string().regex(EMAIL, 'must be an e-mail address, such as admin@example.com').optional(),
  PUSH_ALLOWED_HOSTS: hostList
    .refine((hosts) => hosts.every(isHost), 'must be a list of hosts, such as push.example.com')
    .optional(),
  PUSH_CA_FILE: z.string().refine(isCertificate, 'must be the path of a certificate in PEM').optional(),
};

/** The variable of outgoing webhooks. */
export const webhookSettings = {
  WEBHOOK_ALLOWED_HOSTS: hostList
    .refine(
      (hosts) => hosts.every((host) => isHost(host) && !host.startsWith('*')),
      'must be a list of hosts, such as crm.internal:8443',
    )
    .optional(),
};

/** Which of the two keys is wrong, and why; null when they belong together, or neither is set. */
export function vapidPairTrouble(env: {
  VAPID_PUBLIC_KEY?: string | undefined;
  VAPID_PRIVATE_KEY?: string | undefined;
}): { variable: 'VAPID_PUBLIC_KEY' | 'VAPID_PRIVATE_KEY'; message: string } | null {
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey } = env;
  if (publicKey === undefined && privateKey === undefined) return null;
  if (publicKey === undefined) return { variable: 'VAPID_PUBLIC_KEY', message: 'must be set with VAPID_PRIVATE_KEY' };
  if (privateKey === undefined) return { variable: 'VAPID_PRIVATE_KEY', message: 'must be set with VAPID_PUBLIC_KEY' };
  const pair = createECDH('prime256v1');
  try {
    pair.setPrivateKey(privateKey, 'base64url');
  } catch {
    // Zero, or beyond the order of the curve.
    return { variable: 'VAPID_PRIVATE_KEY', message: 'must be a P-256 private key' };
  }
  if (pair.getPublicKey('base64url') === publicKey) return null;
  return { variable: 'VAPID_PUBLIC_KEY', message: 'must be the public key of VAPID_PRIVATE_KEY' };
}
