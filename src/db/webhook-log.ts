import { raw } from '@mikro-orm/core';
import type { Database, Sql } from './database.ts';
import { findRows } from './rows.ts';
import { changeRows } from './statement.ts';
import { WebhookMessage, type WebhookMessageRow } from './webhook-entities.ts';

/** What deleted endpoints were told is hidden until housekeeping has deleted it. */
const NOT_OF_DELETED = 'endpoint_id NOT IN (SELECT id FROM webhook_endpoints WHERE deleted_at IS NOT NULL)';

type Find = Parameters<typeof findRows<typeof WebhookMessage>>;

export async function listMessages(sql: Sql, where: Find[2], options: Find[3]): Promise<WebhookMessageRow[]> {
  const shown: Find[2] = { [raw(NOT_OF_DELETED)]: [] };
  return await findRows(sql, WebhookMessage, { $and: [where, shown] }, options);
}

/** Answers how many wait or are on their way to endpoints that are not deleted. */
export async function countPendingMessages(sql: Sql): Promise<number> {
  const [row] = await sql.execute<{ count: number | string }[]>(
    `SELECT COUNT(*) AS count FROM webhook_messages WHERE status = 'pending'
      AND ${NOT_OF_DELETED}`,
  );
  return Number(row?.count ?? 0);
}

const listOf = (ids: readonly string[]): string => ids.map(() => '?').join(', ');

/** Begun anew, with all attempts, and due at once. */
const ANEW = `UPDATE webhook_messages SET status = 'pending', attempts = 0, delivered_at = NULL, next_attempt_at = ?`;

/** Those of the endpoint, however they ended; what is on its way goes on. Answers how many, and which ids it does not have. */
export async function replayMessages(
  tx: Sql,
  endpointId: number,
  { ids, now }: { ids: readonly string[]; now: Date },
): Promise<{ replayed: number; missing: string[] }> {
  const known = await tx.execute<{ public_id: string }[]>(
    `SELECT public_id FROM webhook_messages WHERE endpoint_id = ? AND public_id IN (${listOf(ids)})`,
    [endpointId, ...ids],
  );
  const found = new Set(known.map(({ public_id }) => public_id));
  const replayed = await changeRows(
    tx,
    `${ANEW} WHERE endpoint_id = ? AND public_id IN (${listOf(ids)})
      AND (status <> 'pending' OR next_attempt_at IS NOT NULL)`,
    [now, endpointId, ...ids],
  );
  return { replayed, missing: [...new Set(ids)].filter((id) => !found.has(id)) };
}

/** Those of the endpoint that failed and were made at this moment or later, the oldest first. Answers how many. */
export async function replayFailedSince(
  tx: Sql,
  endpointId: number,
  { since, most, now }: { since: Date; most: number; now: Date },
): Promise<number> {
  return await changeRows(
    tx,
    `${ANEW} WHERE id IN (SELECT id FROM webhook_messages
      WHERE endpoint_id = ? AND status = 'failed' AND created_at >= ? ORDER BY id LIMIT ?)`,
    [now, endpointId, since, most],
  );
}

/** Deletes up to `limit` messages that have ended and were made before that; answers how many. */
export async function deleteMessagesBefore(database: Database, before: Date, limit: number): Promise<number> {
  const old = `SELECT id FROM webhook_messages WHERE created_at < ? AND status <> 'pending' ORDER BY created_at LIMIT ?`;
  return await database.write((tx) =>
    changeRows(tx, `DELETE FROM webhook_messages WHERE id IN (${old})`, [before, limit]),
  );
}
