import type { WebhookCall } from '../domain/webhooks.ts';
import type { Sql } from './database.ts';
import { changeRows } from './statement.ts';
import { booleanOf, dateOf, dateOrNull, type StoredBoolean, type StoredDate } from './stored-values.ts';
import { appendCalls, MAX_OFFERED } from './webhook-messages.ts';

/** A message with its endpoint, as an attempt needs them. */
export interface StoredCall {
  endpoint_id: number;
  attempts: number;
  payload: string;
  url: string;
  /** Both, while the old one is good too. */
  secrets: string[];
  enabled: boolean;
  failures: number;
  failing_since: Date | null;
  held_until: Date | null;
}

type CallRow = Omit<StoredCall, 'enabled' | 'failing_since' | 'held_until' | 'secrets'> & {
  enabled: StoredBoolean;
  failing_since: StoredDate | null;
  held_until: StoredDate | null;
  secret: string;
  old_secret: string | null;
  old_secret_until: StoredDate | null;
};

const CALL = `SELECT m.endpoint_id, m.attempts, m.payload, e.url, e.secret, e.old_secret, e.old_secret_until, e.enabled,
  e.failures, e.failing_since, e.held_until
FROM webhook_messages m JOIN webhook_endpoints e ON e.id = m.endpoint_id
WHERE m.public_id = ? AND m.offers = ? AND m.status = 'pending' AND m.next_attempt_at IS NULL AND e.deleted_at IS NULL`;

/** The message as long as this offer of it has not ended. */
const ON_ITS_WAY = `public_id = ? AND offers = ? AND status = 'pending' AND next_attempt_at IS NULL`;

/** One offer of a message. */
export type Offer = Pick<WebhookCall, 'id' | 'offer'>;

/** Null when there is nothing to send: the offer has ended, or the endpoint was deleted. */
export async function findCall(sql: Sql, { id, offer }: Offer, now: Date): Promise<StoredCall | null> {
  const [row] = await sql.execute<CallRow[]>(CALL, [id, offer]);
  if (!row) return null;
  const { secret, old_secret, old_secret_until, enabled, failing_since, held_until, ...rest } = row;
  const oldIsGood = old_secret !== null && old_secret_until !== null && dateOf(old_secret_until) > now;
  return {
    ...rest,
    secrets: oldIsGood ? [secret, old_secret] : [secret],
    enabled: booleanOf(enabled),
    failing_since: dateOrNull(failing_since),
    held_until: dateOrNull(held_until),
  };
}

/** The message has arrived, and so the endpoint is well. */
export async function markDelivered(
  tx: Sql,
  { id, offer }: Offer,
  { endpointId, status, now }: { endpointId: number; status: number; now: Date },
): Promise<void> {
  await changeRows(
    tx,
    `UPDATE webhook_messages SET status = 'delivered', attempts = attempts + 1, last_status = ?, last_error = NULL,
      delivered_at = ? WHERE ${ON_ITS_WAY}`,
    [status, now, id, offer],
  );
  await changeRows(
    tx,
    `UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, held_until = NULL, last_error = NULL
      WHERE id = ? AND failing_since IS NOT NULL`,
    [endpointId],
  );
}

/** How an attempt failed, and what follows. */
export interface FailureRecord {
  status: number | null;
  error: string;
  /** Null: for good. */
  nextAttemptAt: Date | null;
}

export async function markFailed(
  tx: Sql,
  { id, offer }: Offer,
  { status, error, nextAttemptAt }: FailureRecord,
): Promise<void> {
  await changeRows(
    tx,
    `UPDATE webhook_messages SET status = ?, attempts = attempts + 1, last_status = ?, last_error = ?, next_attempt_at = ?
      WHERE ${ON_ITS_WAY}`,
    [nextAttemptAt === null ? 'failed' : 'pending', status, error, nextAttemptAt, id, offer],
  );
}

/** Nothing was sent: it waits until then. */
export async function putOff(tx: Sql, { id, offer }: Offer, until: Date): Promise<void> {
  await changeRows(tx, `UPDATE webhook_messages SET next_attempt_at = ? WHERE ${ON_ITS_WAY}`, [until, id, offer]);
}

export interface FailingEndpoint {
  failures: number;
  failingSince: Date;
  heldUntil: Date | null;
  error: string;
}

export async function holdEndpoint(tx: Sql, id: number, failing: FailingEndpoint): Promise<void> {
  await changeRows(
    tx,
    'UPDATE webhook_endpoints SET failures = ?, failing_since = ?, held_until = ?, last_error = ? WHERE id = ?',
    [failing.failures, failing.failingSince, failing.heldUntil, failing.error, id],
  );
}

export async function disableEndpoint(
  tx: Sql,
  id: number,
  { reason, now }: { reason: string; now: Date },
): Promise<void> {
  await changeRows(
    tx,
    'UPDATE webhook_endpoints SET enabled = ?, disabled_at = ?, disabled_reason = ? WHERE id = ? AND enabled',
    [false, now, reason, id],
  );
}

/** Endpoints with messages whose time has come, and how many of theirs are on their way. */
const DUE_ENDPOINTS = `SELECT e.id, e.company_id, e.failing_since,
  (SELECT COUNT(*) FROM (SELECT 1 FROM webhook_messages m
    WHERE m.endpoint_id = e.id AND m.status = 'pending' AND m.next_attempt_at IS NULL LIMIT ${MAX_OFFERED}) o) AS offered
FROM webhook_endpoints e
WHERE e.enabled AND (e.held_until IS NULL OR e.held_until <= ?) AND (SELECT m.id FROM webhook_messages m
  WHERE m.endpoint_id = e.id AND m.status = 'pending' AND m.next_attempt_at <= ? LIMIT 1) IS NOT NULL`;

interface DueEndpoint {
  id: number;
  company_id: number;
  failing_since: StoredDate | null;
  offered: number | string;
}

/** Those to which something can go now. */
export async function dueEndpoints(sql: Sql, now: Date): Promise<{ id: number; company_id: number; room: number }[]> {
  const rows = await sql.execute<DueEndpoint[]>(DUE_ENDPOINTS, [now, now]);
  return rows.flatMap(({ id, company_id, failing_since, offered }) => {
    // Of an endpoint that fails, one message at a time finds out whether it still does.
    const room = (failing_since === null ? MAX_OFFERED : 1) - Number(offered);
    return room > 0 ? [{ id, company_id, room }] : [];
  });
}

/** Puts messages of an endpoint that are due back on their way, those that wait longest first. Answers how many. */
export async function offerDueMessages(
  tx: Sql,
  { id, company_id }: { id: number; company_id: number },
  { now, most }: { now: Date; most: number },
): Promise<number> {
  const offered = await tx.execute<{ public_id: string; offers: number }[]>(
    `UPDATE webhook_messages SET next_attempt_at = NULL, offers = offers + 1 WHERE id IN (
      SELECT id FROM webhook_messages WHERE endpoint_id = ? AND status = 'pending' AND next_attempt_at <= ?
      ORDER BY next_attempt_at, id LIMIT ?) RETURNING public_id, offers`,
    [id, now, most],
  );
  await appendCalls(
    tx,
    offered.map((message) => ({ ...message, endpoint_id: id, company_id })),
    now,
  );
  return offered.length;
}

/** One look into the index for each endpoint, however many messages there are; PostgreSQL makes a join of an EXISTS. */
const DISABLED_WITH_MESSAGES = `SELECT e.id FROM webhook_endpoints e
WHERE NOT e.enabled AND e.deleted_at IS NULL AND (SELECT m.id FROM webhook_messages m
  WHERE m.endpoint_id = e.id AND m.status = 'pending' LIMIT 1) IS NOT NULL`;

/** Disabled endpoints for which something waits or is on its way. */
export async function disabledWithMessages(sql: Sql): Promise<number[]> {
  return (await sql.execute<{ id: number }[]>(DISABLED_WITH_MESSAGES)).map(({ id }) => id);
}

/** What waits for an endpoint that is disabled has failed: it can be replayed. Answers how many. */
export async function failMessagesOfDisabled(tx: Sql, endpointId: number, limit: number): Promise<number> {
  return await changeRows(
    tx,
    `UPDATE webhook_messages SET status = 'failed', next_attempt_at = NULL, last_error = COALESCE(last_error, 'endpoint_disabled')
      WHERE id IN (SELECT id FROM webhook_messages WHERE endpoint_id = ? AND status = 'pending' LIMIT ?)
      AND EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = ? AND NOT enabled)`,
    [endpointId, limit, endpointId],
  );
}
