import { createHash, timingSafeEqual } from 'node:crypto';
import type { LinkClaims, LinkPurpose, LinkSigner } from '../links/link-signer.ts';
import { Problem } from './problem.ts';

/**
 * Who sent a request. The admin key may do everything for every company; the holder of a link is one user, for what the
 * link is for; open routes ask for no key.
 */
export type Caller = { kind: 'admin' } | { kind: 'link'; claims: LinkClaims } | { kind: 'anonymous' };

/** Separates the idempotency keys of different callers. */
export function idempotencyScope(caller: Caller): string {
  switch (caller.kind) {
    case 'admin':
    case 'anonymous':
      return caller.kind;
    case 'link':
      return `user:${caller.claims.user_id}`;
    default:
      return caller satisfies never;
  }
}

/** May the caller see all that belongs to this company? */
export function reachesCompany(caller: Caller, _companyId: number): boolean {
  switch (caller.kind) {
    case 'admin':
      return true;
    case 'link':
    case 'anonymous':
      return false;
    default:
      return caller satisfies never;
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Reads the header Authorization (RFC 6750, section 2.1). */
export type Authenticate = (authorization: string | undefined) => Caller;

const CHALLENGE = 'Bearer realm="vestnik"';
const bearerOf = (authorization = ''): string | undefined => /^Bearer +(\S+)$/i.exec(authorization)?.[1];

/** Throws a 401 {@link Problem} for what is not the key. */
export function createAuthenticator(adminApiKey: string): Authenticate {
  const expected = sha256(adminApiKey);
  return (authorization) => {
    const key = bearerOf(authorization);
    if (key === undefined) throw unauthorized('send the header Authorization: Bearer KEY', CHALLENGE);
    // Digests have one length, and comparing them takes one time.
    if (!timingSafeEqual(sha256(key), expected))
      throw unauthorized('the API key is not known', `${CHALLENGE}, error="invalid_token"`);
    return { kind: 'admin' };
  };
}

/** As {@link createAuthenticator}, for the token of a link. */
export function createLinkAuthenticator({ signer, clock }: { signer: LinkSigner; clock: () => Date }) {
  /** @throws {Problem} 401. */
  const claimsOf = (token: string, purposes: readonly LinkPurpose[]): LinkClaims => {
    const claims = signer.verify(token, purposes, clock());
    if (typeof claims !== 'string') return claims;
    const detail = claims === 'expired' ? 'the link has expired; ask for a new one' : 'the link is not valid here';
    throw unauthorized(detail, `${CHALLENGE}, error="invalid_token"`);
  };
  return {
    claimsOf,
    /** For the routes that a link of one of these purposes opens. */
    authenticate:
      (...purposes: LinkPurpose[]): Authenticate =>
      (authorization) => {
        const token = bearerOf(authorization);
        if (token === undefined) throw unauthorized('send the header Authorization: Bearer TOKEN of a link', CHALLENGE);
        return { kind: 'link', claims: claimsOf(token, purposes) };
      },
  };
}
export type LinkAuthenticator = ReturnType<typeof createLinkAuthenticator>;

/** The claims of the caller of a route that only links open. */
export function linkClaims(caller: Caller): LinkClaims {
  if (caller.kind !== 'link') throw new TypeError('the route is not opened by links');
  return caller.claims;
}

/** A link whose user or booking is gone. */
export function deadLink(): Problem {
  return unauthorized('the link is no longer valid', `${CHALLENGE}, error="invalid_token"`);
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}
