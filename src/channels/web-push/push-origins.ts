import { X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates } from 'node:tls';
import type { PushEndpoint } from './check-endpoint.ts';
import type { Resolve } from './guarded-lookup.ts';
import { createPushOrigin, type PushOrigin } from './push-origin.ts';

/** Subdomains under a wildcard are without number: beyond this the one idle for longest makes room. */
const MAX_ORIGINS = 128;

/** The push services in use, each with its connections. */
export interface PushOrigins {
  of(endpoint: PushEndpoint, now: number): PushOrigin;
  all(): Iterable<PushOrigin>;
  /** Ends all connections, and with them the requests on the way. Idempotent. */
  close(): Promise<void>;
}

/**
 * @param options.ca PEM certificates, trusted beside those of the system.
 * @throws {Error} `ca` holds no certificate.
 */
export function createPushOrigins(options: { ca: string | undefined; resolve: Resolve }): PushOrigins {
  const { ca, resolve } = options;
  // Made once: to load all roots for every connection takes longer than the connection.
  const secureContext = ca === undefined ? undefined : contextWith(ca);
  const origins = new Map<string, PushOrigin>();
  const closing = new Set<Promise<void>>();

  function close(origin: PushOrigin): void {
    origins.delete(origin.name);
    const closed = origin.dispatcher.destroy().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  function makeRoom(now: number): void {
    let idlest: PushOrigin | null = null;
    for (const origin of origins.values()) {
      if (origin.limit.activeCount + origin.limit.pendingCount > 0 || origin.heldUntil > now) continue;
      if (idlest === null || origin.lastUsedAt < idlest.lastUsedAt) idlest = origin;
    }
    if (idlest) close(idlest);
  }

  return {
    of(endpoint, now) {
      let origin = origins.get(endpoint.origin);
      if (!origin) {
        if (origins.size >= MAX_ORIGINS) makeRoom(now);
        origin = createPushOrigin(endpoint, { secureContext, resolve });
        origins.set(origin.name, origin);
      }
      origin.lastUsedAt = now;
      return origin;
    },
    all: () => origins.values(),
    async close() {
      for (const origin of [...origins.values()]) close(origin);
      await Promise.all(closing);
    },
  };
}

function contextWith(ca: string) {
  // createSecureContext passes over what is no certificate.
  new X509Certificate(ca);
  return createSecureContext({ ca: [...rootCertificates, ca] });
}
