import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import type { Logger } from '../observability/log.ts';
import { DatabaseError } from './errors.ts';

/** How many works share one transaction at most. */
const MAX_GROUP = 200;
/** How long a group is tried again while other processes hold the database. */
export const BUSY_BOUND_MS = 30_000;
/** Short pauses, for a busy rival leaves the database free only for a moment between two of its groups. */
const FIRST_PAUSE_MS = 1;
const MAX_PAUSE_MS = 50;
const PAUSE_GROWTH = 1.5;

/** One transaction on the writing connection. */
export interface WriteTransaction {
  /** A fresh entity manager whose statements run in this transaction. */
  em(): SqlEntityManager;
  exec(sql: string): Promise<void>;
  /** @throws {DatabaseError} `database_busy` when nothing was committed and the whole may be tried again. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** @throws {DatabaseError} `database_busy` when it may be tried again. */
export type BeginWrite = () => Promise<WriteTransaction>;

interface Entry {
  work(tx: SqlEntityManager): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** All that is logged of a driver's error: its message may hold the SQL with people's names and phones in it. */
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : 'unknown');

/** What becomes of one caller once the group is committed. */
type Settle = () => void;

// The savepoint outlives ROLLBACK TO, so that each work costs one statement, whether it succeeds or fails.
const OPEN = 'SAVEPOINT work';
const KEEP = 'RELEASE SAVEPOINT work; SAVEPOINT work';
const UNDO = 'ROLLBACK TO SAVEPOINT work';

async function runWork(tx: WriteTransaction, { work, resolve, reject }: Entry): Promise<Settle> {
  try {
    const value = await work(tx.em());
    await tx.exec(KEEP);
    return () => resolve(value);
  } catch (error) {
    try {
      await tx.exec(UNDO);
    } catch {
      // The savepoint is gone and the transaction with it; the work's own error says why (a full disk, a lost connection).
      throw new DatabaseError('commit_failed', 'The transaction was lost', { cause: error });
    }
    return () => reject(error);
  }
}

/**
 * Runs works one after another, many to a transaction, so that they share its fsync. Nobody hears of their outcome,
 * good or bad, before the commit: a refusal may rest on what a neighbour has just written.
 */
export function createGroupCommit({
  begin,
  log,
  busyBoundMs = BUSY_BOUND_MS,
}: {
  begin: BeginWrite;
  log: Logger;
  busyBoundMs?: number;
}) {
  const queue: Entry[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  async function runGroup(group: readonly Entry[]): Promise<Settle[]> {
    const tx = await begin();
    try {
      const settles: Settle[] = [];
      await tx.exec(OPEN);
      for (const entry of group) settles.push(await runWork(tx, entry));
      await tx.commit();
      return settles;
    } catch (error) {
      await tx.rollback().catch((cause: unknown) => log.error({ cause: codeOf(cause) }, 'rollback failed'));
      throw error;
    }
  }

  async function commitGroup(group: readonly Entry[]): Promise<Settle[]> {
    const giveUpAt = performance.now() + busyBoundMs;
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      try {
        return await runGroup(group);
      } catch (error) {
        const busy = error instanceof DatabaseError && error.code === 'database_busy';
        if (!busy || performance.now() + pauseMs > giveUpAt) throw error;
        await sleep(pauseMs);
        if (pauseMs < MAX_PAUSE_MS && pauseMs * PAUSE_GROWTH >= MAX_PAUSE_MS)
          log.warn({ cause: codeOf(error.cause), works: group.length }, 'database busy; trying on');
        pauseMs = Math.min(pauseMs * PAUSE_GROWTH, MAX_PAUSE_MS);
      }
    }
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      await nextTurn(); // whoever was answered just now, or arrived with us, comes along
      const group = queue.splice(0, MAX_GROUP);
      try {
        for (const settle of await commitGroup(group)) settle();
      } catch (cause) {
        const error =
          cause instanceof DatabaseError ? cause : new DatabaseError('commit_failed', 'The commit failed', { cause });
        log.error({ code: error.code, cause: codeOf(error.cause), works: group.length }, 'writes refused');
        for (const { reject } of group) reject(error);
      }
    }
    draining = undefined;
  }

  return {
    write<T>(work: (tx: SqlEntityManager) => Promise<T>): Promise<T> {
      if (closed) return Promise.reject(new DatabaseError('database_closed', 'The database is closing'));
      return new Promise<T>((resolve, reject) => {
        queue.push({ work, resolve: (value) => resolve(value as T), reject });
        draining ??= drain();
      });
    },
    /** Refuses new works and finishes those that were accepted. Idempotent. */
    async close(): Promise<void> {
      closed = true;
      await draining;
    },
  };
}
