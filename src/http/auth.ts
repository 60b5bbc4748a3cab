import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.ts';

/** Who sent a request. The admin key may do everything for every company; open routes ask for no key. */
export type Caller = { kind: 'admin' } | { kind: 'anonymous' };

/** Separates the idempotency keys of different callers. */
export function idempotencyScope(caller: Caller): string {
  switch (caller.kind) {
    case 'admin':
    case 'anonymous':
      return caller.kind;
    default:
      return caller satisfies never;
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Answers a function that reads the header Authorization (RFC 6750, section 2.1) and throws a 401 {@link Problem}. */
export function createAuthenticator(adminApiKey: string): (authorization: string | undefined) => Caller {
  const expected = sha256(adminApiKey);
  return (authorization) => {
    const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) throw unauthorized('send the header Authorization: Bearer KEY', 'Bearer realm="vestnik"');
    // Digests have one length, and comparing them takes one time.
    if (!timingSafeEqual(sha256(key), expected))
      throw unauthorized('the API key is not known', 'Bearer realm="vestnik", error="invalid_token"');
    return { kind: 'admin' };
  };
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}
