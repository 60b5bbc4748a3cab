import { timingSafeEqual } from 'node:crypto';
import type { Scope } from '../domain/scopes.ts';
import { digestOf } from '../keys/api-key.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { LinkClaims, LinkPurpose, LinkSigner } from '../links/link-signer.ts';
import { Problem } from './problem.ts';

/** Who holds a company's key: for them there is no other company. */
export interface CompanyCaller {
  kind: 'company';
  company_id: number;
  key_id: number;
  scopes: ReadonlySet<Scope>;
  /** Aborted when the key is no longer good: what lasts ends then. */
  ended: AbortSignal;
}

/**
 * Who sent a request. The admin key may do everything for every company; the holder of a link is one user, for what the
 * link is for; open routes ask for no key.
 */
export type Caller = { kind: 'admin' } | CompanyCaller | { kind: 'link'; claims: LinkClaims } | { kind: 'anonymous' };

/** Separates the idempotency keys of different callers. */
export function idempotencyScope(caller: Caller): string {
  switch (caller.kind) {
    case 'admin':
    case 'anonymous':
      return caller.kind;
    case 'company':
      return `key:${caller.key_id}`;
    case 'link':
      return `user:${caller.claims.user_id}`;
    default:
      return caller satisfies never;
  }
}

/** The company that the holder of a key is kept to; undefined for the admin key, which reaches all of them. */
export function companyOf(caller: Caller): number | undefined {
  switch (caller.kind) {
    case 'admin':
      return undefined;
    case 'company':
      return caller.company_id;
    case 'link':
    case 'anonymous':
      throw new TypeError('the route is not opened by keys');
    default:
      return caller satisfies never;
  }
}

/** Reads the header Authorization (RFC 6750, section 2.1). */
export type Authenticate = (authorization: string | undefined) => Caller;

/** An API key whose scopes hold this one, the admin key alone, no key, or what the function says. */
export type RouteAuth = { scope: Scope } | 'admin' | 'open' | Authenticate;

const CHALLENGE = 'Bearer realm="vestnik"';
const bearerOf = (authorization = ''): string | undefined => /^Bearer +(\S+)$/i.exec(authorization)?.[1];

/** Throws a 401 {@link Problem} for what is no key. Whatever is wrong with one, the same steps are taken. */
export function createAuthenticator(adminApiKey: string, keys: Pick<KeyRing, 'find'>): Authenticate {
  const expected = digestOf(adminApiKey);
  return (authorization) => {
    const key = bearerOf(authorization);
    if (key === undefined) throw unauthorized('send the header Authorization: Bearer KEY', CHALLENGE);
    const digest = digestOf(key);
    // Digests have one length, and comparing them takes one time.
    if (timingSafeEqual(digest, expected)) return { kind: 'admin' };
    const found = keys.find(key, digest);
    if (!found) throw unauthorized('the API key is not known', `${CHALLENGE}, error="invalid_token"`);
    const { id: key_id, company_id, scopes, ended } = found;
    return { kind: 'company', company_id, key_id, scopes, ended };
  };
}

/** @throws {Problem} 403 naming what the key lacks. */
export function requireScope(caller: Caller, auth: RouteAuth): void {
  if (caller.kind !== 'company' || typeof auth === 'function' || auth === 'open') return;
  if (auth === 'admin') throw new Problem('forbidden', 'only the admin key may do this');
  if (caller.scopes.has(auth.scope)) return;
  throw new Problem('forbidden', `the API key lacks the scope ${auth.scope}`, {
    headers: { 'www-authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${auth.scope}"` },
  });
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
