import { createPrivateKey, sign } from 'node:crypto';
import type { VapidKeys } from './vapid-keys.ts';

/** RFC 8292, section 2: at most 24 hours; half of that leaves room for clocks that differ. */
const LIFETIME_S = 12 * 60 * 60;
/** A token is replaced once it has less than this left. */
const RENEW_BEFORE_S = 6 * 60 * 60;
/** Origins whose token is kept: subdomains under a wildcard are without number. */
const MAX_TOKENS = 256;

const JWT_HEADER = Buffer.from('{"typ":"JWT","alg":"ES256"}').toString('base64url');

/** The `Authorization` header of RFC 8292, signed once per origin rather than once per message. */
export interface VapidAuthorization {
  headerFor(origin: string): string;
  /** Instead of one that the service refused: signed anew, unless that has happened since. */
  replace(origin: string, refused: string): string;
}

interface Token {
  header: string;
  expiresAt: number;
}

export function createVapidAuthorization(deps: { keys: VapidKeys; clock(): Date }): VapidAuthorization {
  const { keys, clock } = deps;
  const privateKey = importPrivateKey(keys);
  const tokens = new Map<string, Token>();

  const nowInSeconds = () => Math.floor(clock().getTime() / 1000);

  function issue(origin: string): string {
    const expiresAt = nowInSeconds() + LIFETIME_S;
    const claims = JSON.stringify({ aud: origin, exp: expiresAt, sub: keys.subject });
    const unsigned = `${JWT_HEADER}.${Buffer.from(claims).toString('base64url')}`;
    // JWS wants the two numbers side by side (RFC 7518, section 3.4).
    const signature = sign('sha256', Buffer.from(unsigned), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const header = `vapid t=${unsigned}.${signature.toString('base64url')}, k=${keys.publicKey}`;
    const [oldest] = tokens.keys();
    if (tokens.size >= MAX_TOKENS && oldest !== undefined) tokens.delete(oldest);
    tokens.delete(origin);
    tokens.set(origin, { header, expiresAt });
    return header;
  }

  /** Too long a life means that the clock went back; a push service refuses more than 24 hours. */
  function isFresh({ expiresAt }: Token): boolean {
    const left = expiresAt - nowInSeconds();
    return left > RENEW_BEFORE_S && left <= LIFETIME_S;
  }

  function headerFor(origin: string): string {
    const token = tokens.get(origin);
    return token && isFresh(token) ? token.header : issue(origin);
  }

  return {
    headerFor,
    replace: (origin, refused) => (tokens.get(origin)?.header === refused ? issue(origin) : headerFor(origin)),
  };
}

function importPrivateKey({ publicKey, privateKey }: VapidKeys) {
  const point = Buffer.from(publicKey, 'base64url');
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d: privateKey }, format: 'jwk' });
}
