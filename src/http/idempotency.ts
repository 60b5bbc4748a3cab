import { createHash } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { constraintOf } from '../db/errors.ts';
import { IdempotencyKey } from '../db/event-entities.ts';
import { findRow } from '../db/rows.ts';
import type { Answer } from './answer.ts';
import { IDEMPOTENCY_TTL_MS } from './limits.ts';
import { keyReused, malformed } from './problem.ts';

/** One use of an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). */
export interface IdempotencyClaim {
  /** Whose key it is. */
  scope: string;
  key: string;
  /** SHA-256 of method, path and body. */
  fingerprint: string;
}

type Write = Database['write'];
type Transaction = Parameters<Parameters<Write>[0]>[0];

export interface Idempotency {
  /**
   * Runs `work` in `write` and stores its answer in the same transaction, or replays the answer that this key gave
   * before. What `work` throws is not stored. Without a claim it is plain `write(work)`.
   * @throws {Problem} 422 when the key came with another request before.
   */
  run(claim: IdempotencyClaim | undefined, write: Write, work: (tx: Transaction) => Promise<Answer>): Promise<Answer>;
  /** The stored answer, if there is one. @throws {Problem} as `run`. */
  recall(reader: Transaction, claim: IdempotencyClaim): Promise<Answer | undefined>;
}

/** Undefined without the header. @throws {Problem} 400. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (!/^[!-~]{1,255}$/.test(header)) throw malformed('Idempotency-Key', 'must be 1 to 255 visible ASCII characters');
  return header;
}

export function requestFingerprint(method: string, path: string, body: Uint8Array): string {
  return createHash('sha256').update(`${method} ${path}\n`).update(body).digest('hex');
}

export function createIdempotency({ clock }: { clock: () => Date }): Idempotency {
  const expiry = () => new Date(clock().getTime() - IDEMPOTENCY_TTL_MS);

  async function recall(
    reader: Transaction,
    { scope, key, fingerprint }: IdempotencyClaim,
  ): Promise<Answer | undefined> {
    const stored = await findRow(reader, IdempotencyKey, { scope, key, created_at: { $gt: expiry() } });
    if (!stored) return undefined;
    if (stored.fingerprint !== fingerprint) throw keyReused();
    return { status: stored.status, text: stored.body, headers: { 'idempotency-replayed': 'true' } };
  }

  async function remember(tx: Transaction, { scope, key, fingerprint }: IdempotencyClaim, answer: Answer) {
    await tx.nativeDelete(IdempotencyKey, { scope, key, created_at: { $lte: expiry() } });
    const { status, text: body = '' } = answer;
    await tx.insert(IdempotencyKey, { scope, key, fingerprint, status, body, created_at: clock() });
    return answer;
  }

  return {
    recall,
    async run(claim, write, work) {
      if (!claim) return write(work);
      const attempt = () =>
        write(async (tx) => (await recall(tx, claim)) ?? (await remember(tx, claim, await work(tx))));
      try {
        return await attempt();
      } catch (error) {
        // Another process committed the same key between our look and our insert; its answer is there now.
        if (!isKeyTaken(error)) throw error;
        return await attempt();
      }
    },
  };
}

function isKeyTaken(error: unknown): boolean {
  const constraint = constraintOf(error);
  return constraint?.kind === 'unique' && constraint.table === 'idempotency_keys';
}

/** Deletes up to `limit` answers that are no longer replayed; answers how many there were. */
export function deleteExpiredIdempotencyKeys(database: Database, now: Date, limit = 1_000): Promise<number> {
  return database.write(async (tx) => {
    const expired = await tx.find(
      IdempotencyKey,
      { created_at: { $lte: new Date(now.getTime() - IDEMPOTENCY_TTL_MS) } },
      { fields: ['id'], limit, orderBy: { id: 'asc' } },
    );
    if (expired.length === 0) return 0;
    return tx.nativeDelete(IdempotencyKey, { id: expired.map((row) => row.id) });
  });
}
