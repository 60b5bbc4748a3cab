import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { decodeBase64url, isP256Point } from './p256.ts';
import { unauthorized } from './push-refusal.ts';

export interface VapidGate {
  /**
   * The key that signed, in base64url without padding.
   * @throws {PushRefusal} 401 for anything but a valid authentication (RFC 8292, sections 2 to 4).
   */
  signerOf(authorization: string | undefined): string;
}

interface Verified {
  publicKey: string;
  claims: z.infer<typeof claimsSchema>;
}

const MAX_LIFETIME_SECONDS = 86_400;
const MAX_REMEMBERED = 1_000;
const SIGNATURE_BYTES = 64;

/** Apple refuses a mailto subject on localhost, and spaces and angle brackets in any. */
const SUBJECT = /^(?:mailto:[^\s<>@]+@(?!localhost$)[^\s<>@]+|https:\/\/(?!localhost(?:[:/]|$))[^\s<>]+)$/i;

const joseSchema = z.object({ alg: z.literal('ES256'), typ: z.literal('JWT').optional() });
const claimsSchema = z.object({ aud: z.string(), exp: z.number(), sub: z.string() });

/** Tokens whose signature was checked are remembered, as senders use one for hours; their claims are checked each time. */
export function createVapidGate({ origin, wallClock }: { origin: string; wallClock: () => number }): VapidGate {
  const verified = new Map<string, Verified>();

  const remember = (authorization: string): Verified => {
    const known = verified.get(authorization);
    if (known) return known;
    const fresh = verifySignature(authorization);
    if (verified.size >= MAX_REMEMBERED) verified.clear();
    verified.set(authorization, fresh);
    return fresh;
  };

  return {
    signerOf(authorization) {
      if (authorization === undefined) throw unauthorized('Missing VAPID public key');
      const { publicKey, claims } = remember(authorization);
      const nowSeconds = wallClock() / 1_000;
      if (claims.aud !== origin) throw unauthorized('Invalid VAPID audience');
      if (!(claims.exp > nowSeconds)) throw unauthorized('Invalid VAPID expiry');
      if (claims.exp > nowSeconds + MAX_LIFETIME_SECONDS) throw unauthorized('The VAPID token expiration is too long');
      if (!SUBJECT.test(claims.sub)) throw unauthorized('Improperly formatted sub string');
      return publicKey;
    },
  };
}

function verifySignature(authorization: string): Verified {
  const { token, key } = parseAuthorization(authorization);
  const point = decodeBase64url(key);
  if (!point || !isP256Point(point)) throw unauthorized('Invalid VAPID public key');
  const [header = '', payload = '', signatureText = '', ...rest] = token.split('.');
  const signature = decodeBase64url(signatureText);
  if (rest.length > 0 || signature?.length !== SIGNATURE_BYTES) throw unauthorized('Invalid VAPID token');
  if (!joseSchema.safeParse(jsonOf(header)).success) throw unauthorized('Invalid VAPID token: alg must be ES256');
  const publicKey = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  // RFC 7518, section 3.4: the signature is the two numbers, not their DER form.
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
    throw unauthorized('Invalid VAPID token: InvalidSignature');
  const claims = claimsSchema.safeParse(jsonOf(payload));
  if (!claims.success)
    throw unauthorized(`Invalid VAPID token: wrong or missing ${claims.error.issues[0]?.path.join('.') || 'claims'}`);
  return { publicKey: key, claims: claims.data };
}

/** RFC 8292, section 3: `vapid t=<JWT>, k=<public key>`. */
function parseAuthorization(authorization: string): { token: string; key: string } {
  const [, scheme, parameters] = /^(\S+) +(\S.*)$/.exec(authorization) ?? [];
  if (scheme?.toLowerCase() !== 'vapid' || parameters === undefined) throw unauthorized('Unknown auth scheme');
  const values = new Map<string, string>();
  for (const parameter of parameters.split(',')) {
    const [, name, value] = /^\s*(\w+)=([\w.-]+)\s*$/.exec(parameter) ?? [];
    if (name === undefined || value === undefined || values.has(name)) throw unauthorized('Invalid VAPID parameters');
    values.set(name, value);
  }
  const token = values.get('t');
  const key = values.get('k');
  if (token === undefined) throw unauthorized('Missing VAPID token');
  if (key === undefined) throw unauthorized('Missing VAPID public key');
  return { token, key };
}

function jsonOf(part: string): unknown {
  const bytes = decodeBase64url(part);
  if (!bytes) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // Whoever asked refuses what is no object of the right form.
    return undefined;
  }
}
