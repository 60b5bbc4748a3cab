import type { SecureContext } from 'node:tls';
import pLimit, { type LimitFunction } from 'p-limit';
import { type Dispatcher, Pool } from 'undici';
import type { PushEndpoint } from './check-endpoint.ts';
import { createGuardedLookup, type Resolve } from './guarded-lookup.ts';
import { createKeyRefusals, type KeyRefusals } from './key-refusals.ts';

/** Of one origin, in one process. */
const MAX_CONNECTIONS = 32;
/** TLS included. */
const CONNECT_TIMEOUT_MS = 4000;
/** Idle connections are ours to close first: a request on one that the service has just closed is lost. */
const KEEP_ALIVE_MS = 20_000;

/** One push service as one process meets it. */
export interface PushOrigin {
  readonly name: string;
  readonly dispatcher: Dispatcher;
  readonly limit: LimitFunction;
  /** Until then nothing is sent there; Unix time in ms. */
  heldUntil: number;
  readonly keyRefusals: KeyRefusals;
  /** It has answered anything since it is known. */
  hasAnswered: boolean;
  lastUsedAt: number;
  trouble: { kind: 'unreachable' | 'key_refused'; reason: string; at: number } | null;
}

/** Connections are made when first needed; redirects are not followed, and a connection carries one request at a time. */
export function createPushOrigin(
  endpoint: PushEndpoint,
  options: { secureContext: SecureContext | undefined; resolve: Resolve },
): PushOrigin {
  const { secureContext, resolve } = options;
  const dispatcher = new Pool(endpoint.origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // The deadline of each send is stricter, and absolute.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      rejectUnauthorized: true,
      timeout: CONNECT_TIMEOUT_MS,
      ...(secureContext && { secureContext }),
      ...(!endpoint.mayBePrivate && { lookup: createGuardedLookup(resolve) }),
    },
  });
  return {
    name: endpoint.origin,
    dispatcher,
    limit: pLimit(MAX_CONNECTIONS),
    heldUntil: 0,
    keyRefusals: createKeyRefusals(),
    hasAnswered: false,
    lastUsedAt: 0,
    trouble: null,
  };
}
