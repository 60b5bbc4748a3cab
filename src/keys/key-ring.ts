import { timingSafeEqual } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiKeysVersion, markApiKeysUsed, type StoredApiKey, unrevokedApiKeys } from '../db/api-keys.ts';
import { createBell } from '../db/bell.ts';
import type { Database } from '../db/database.ts';
import type { Scope } from '../domain/scopes.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { prefixOf } from './api-key.ts';

/** So long after it was made or revoked a key may still be unknown or good here. */
const LOOK_EVERY_MS = 1_000;
/** However many unknown keys are tried, the database is not looked at more often. */
const LOOK_AT_MOST_EVERY_MS = 250;
const TELL_USE_EVERY_MS = 60_000;
/** What an unknown key is compared with, so that it takes as long as a known one. */
const NO_DIGEST = Buffer.alloc(32);

export interface CompanyKey {
  id: number;
  company_id: number;
  scopes: ReadonlySet<Scope>;
  /** Aborted, a second later at most, when the key is revoked or expires. */
  ended: AbortSignal;
}

/** The companies' keys in memory: whom a key belongs to is known without I/O. */
export interface KeyRing {
  /** Undefined for one that is unknown, revoked or expired. @param digest `digestOf(key)` */
  find(key: string, digest: Buffer): CompanyKey | undefined;
  /** Resolves when the keys are here; from then on it follows the database. While that is away, the last keys stay good. */
  start(): Promise<void>;
  /** Idempotent. */
  stop(): Promise<void>;
}

interface HeldKey extends CompanyKey {
  end(): void;
  hash: Buffer;
  expiresAt: number;
}

interface KeyRingDeps {
  database: Pick<Database, 'read' | 'write'>;
  clock: () => Date;
  log: Logger;
  /** Shorter in tests. */
  tellUseEveryMs?: number;
}

export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { database, clock, log, tellUseEveryMs = TELL_USE_EVERY_MS } = deps;
  const bell = createBell();
  const stopping = new AbortController();
  const { signal } = stopping;
  const used = new Map<number, Date>();
  let keys = new Map<string, HeldKey>();
  let version: string | undefined;
  let toldAt = performance.now();
  let telling = Promise.resolve();
  let running: Promise<void> | undefined;

  async function look(): Promise<void> {
    const seen = await apiKeysVersion(database.read());
    if (seen === version) return;
    const rows = await unrevokedApiKeys(database.read());
    const before = keys;
    keys = new Map(rows.map((row) => [row.prefix, before.get(row.prefix) ?? heldKey(row)]));
    for (const [prefix, { end }] of before) if (!keys.has(prefix)) end();
    version = seen;
  }

  function endExpired(): void {
    const now = clock().getTime();
    for (const { expiresAt, end } of keys.values()) if (expiresAt <= now) end();
  }

  /** A database that is slow to write must not keep us from seeing what was revoked, so nobody waits for it but `stop`. */
  async function tellUse(): Promise<void> {
    if (used.size === 0) return;
    const uses = [...used];
    used.clear();
    try {
      await database.write((tx) => markApiKeysUsed(tx, uses));
    } catch (error) {
      for (const [id, at] of uses) if (!used.has(id)) used.set(id, at);
      log.warn({ reason: errorCode(error) }, 'the last use of API keys was not written');
    }
  }

  /** Beside the looks: a database that does not answer keeps no expired key alive. */
  async function endExpiredInTime(): Promise<void> {
    while (!signal.aborted) {
      endExpired();
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async function follow(): Promise<void> {
    let isAway = false;
    while (!signal.aborted) {
      const rung = bell.next();
      await sleep(LOOK_AT_MOST_EVERY_MS, undefined, { signal }).catch(() => undefined);
      await rung(signal, LOOK_EVERY_MS - LOOK_AT_MOST_EVERY_MS);
      if (signal.aborted) return;
      try {
        await look();
        if (performance.now() - toldAt >= tellUseEveryMs) {
          toldAt = performance.now();
          telling = telling.then(tellUse);
        }
        isAway = false;
      } catch (error) {
        if (!isAway) log.warn({ reason: errorCode(error) }, 'API keys cannot be read; those known stay good');
        isAway = true;
      }
    }
  }

  return {
    find(key, digest) {
      const held = keys.get(prefixOf(key));
      const isSame = timingSafeEqual(digest, held?.hash ?? NO_DIGEST);
      if (held && isSame && clock().getTime() < held.expiresAt) {
        used.set(held.id, clock());
        return held;
      }
      bell.ring();
      return undefined;
    },
    async start() {
      if (running !== undefined) return;
      await look();
      running = Promise.all([follow(), endExpiredInTime()]).then(() => undefined);
    },
    async stop() {
      if (signal.aborted) return await running;
      stopping.abort();
      await running;
      await telling;
      await tellUse();
    },
  };
}

function heldKey({ id, company_id, scopes, hash, expires_at }: StoredApiKey): HeldKey {
  const ending = new AbortController();
  // As many WebSockets as are open with this key.
  setMaxListeners(0, ending.signal);
  return {
    id,
    company_id,
    scopes: new Set(scopes),
    ended: ending.signal,
    end: () => ending.abort(),
    hash: Buffer.from(hash, 'hex'),
    expiresAt: expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}
