import type { WebhookEventType } from '../domain/webhooks.ts';
import type { Database, Sql } from './database.ts';
import { findRow, findRows } from './rows.ts';
import { changeRows } from './statement.ts';
import { WebhookEndpoint, type WebhookEndpointRow } from './webhook-entities.ts';
import { pullForward } from './webhook-messages.ts';

/** An endpoint with what it asked for read; those that are deleted are never read. */
export interface StoredWebhookEndpoint extends Omit<WebhookEndpointRow, 'event_types' | 'deleted_at'> {
  event_types: WebhookEventType[];
}

/** What is made anew when the endpoint is believed to be well. */
const WELL = { failures: 0, failing_since: null, held_until: null, last_error: null } as const;
const NOT_DISABLED = { enabled: true, disabled_at: null, disabled_reason: null } as const;

/** The rows of deleted endpoints stand until their messages are gone. */
const STANDS = { deleted_at: null } as const;

const readEndpoint = ({ event_types, deleted_at: _, ...row }: WebhookEndpointRow): StoredWebhookEndpoint => ({
  ...row,
  event_types: JSON.parse(event_types) as WebhookEventType[],
});

type NewEndpoint = Pick<StoredWebhookEndpoint, 'company_id' | 'url' | 'event_types' | 'secret' | 'created_at'>;

export async function insertWebhookEndpoint(tx: Sql, endpoint: NewEndpoint): Promise<StoredWebhookEndpoint> {
  const row = { ...endpoint, ...WELL, ...NOT_DISABLED, old_secret: null, old_secret_until: null };
  const id = await tx.insert(WebhookEndpoint, { ...row, event_types: JSON.stringify(row.event_types) });
  return { ...row, id };
}

export const countWebhookEndpoints = (sql: Sql, company_id: number): Promise<number> =>
  sql.count(WebhookEndpoint, { company_id, ...STANDS });

export async function findWebhookEndpoint(sql: Sql, id: number): Promise<StoredWebhookEndpoint | null> {
  const row = await findRow(sql, WebhookEndpoint, { id, ...STANDS });
  return row && readEndpoint(row);
}

export async function listWebhookEndpoints(
  sql: Sql,
  where: Parameters<typeof findRows<typeof WebhookEndpoint>>[2],
  options: Parameters<typeof findRows<typeof WebhookEndpoint>>[3],
): Promise<StoredWebhookEndpoint[]> {
  return (await findRows(sql, WebhookEndpoint, { $and: [where, STANDS] }, options)).map(readEndpoint);
}

export interface EndpointChange {
  url?: string | undefined;
  event_types?: WebhookEventType[] | undefined;
  enabled?: boolean | undefined;
}

/** What an endpoint that was switched off by hand tells. */
const SWITCHED_OFF = 'switched_off';

/** A new address is believed to be well, and so is one that is switched on: what waits goes at once. Answers it as it is then. */
export async function changeWebhookEndpoint(
  tx: Sql,
  before: StoredWebhookEndpoint,
  { url = before.url, event_types = before.event_types, enabled = before.enabled }: EndpointChange,
  now: Date,
): Promise<StoredWebhookEndpoint> {
  const isRenewed = url !== before.url || (enabled && !before.enabled);
  const switchedOff = { enabled: false, disabled_at: now, disabled_reason: SWITCHED_OFF };
  const changes = {
    ...{ url, event_types },
    ...(isRenewed && WELL),
    ...(enabled !== before.enabled && (enabled ? NOT_DISABLED : switchedOff)),
  };
  const columns = { ...changes, event_types: JSON.stringify(event_types) };
  await tx.nativeUpdate(WebhookEndpoint, { id: before.id }, columns);
  if (isRenewed) await pullForward(tx, before.id, now);
  return { ...before, ...changes };
}

/** Whoever asks for a replay believes that the endpoint is well: what waits for it is tried at once. */
export async function endHold(tx: Sql, id: number, now: Date): Promise<void> {
  // Not forgotten: how long the endpoint has been idle is told by it.
  await changeRows(tx, 'UPDATE webhook_endpoints SET held_until = ? WHERE id = ? AND held_until > ?', [now, id, now]);
  await pullForward(tx, id, now);
}

/**
 * The old secret goes on signing, beside the new one, until then. While an earlier one still does, it stays: it may be the only one
 * that the receiver knows.
 */
export async function rotateWebhookSecret(
  tx: Sql,
  id: number,
  { secret, oldUntil, now }: { secret: string; oldUntil: Date; now: Date },
): Promise<void> {
  const again = 'UPDATE webhook_endpoints SET secret = ? WHERE id = ? AND old_secret_until > ?';
  if ((await changeRows(tx, again, [secret, id, now])) > 0) return;
  await changeRows(
    tx,
    'UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = ?, secret = ? WHERE id = ?',
    [oldUntil, secret, id],
  );
}

/** Nobody sees or calls it from now on; its messages, which may be a million, are left to {@link clearDeletedEndpoints}. */
export async function deleteWebhookEndpoint(tx: Sql, id: number, now: Date): Promise<void> {
  const disabled = { enabled: false, disabled_at: now, disabled_reason: null };
  const forgotten = { url: '', secret: '', old_secret: null, old_secret_until: null, last_error: null };
  await tx.nativeUpdate(WebhookEndpoint, { id }, { ...disabled, ...forgotten, deleted_at: now });
}

/** Deletes up to `limit` messages of deleted endpoints, and rows of such endpoints that have none left; answers how many of both. */
export async function clearDeletedEndpoints(database: Database, limit: number): Promise<number> {
  let cleared = 0;
  while (cleared < limit) {
    const [endpoint] = await database
      .read()
      .execute<{ id: number }[]>('SELECT id FROM webhook_endpoints WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1');
    if (!endpoint) break;
    const room = limit - cleared;
    cleared += await database.write(async (tx) => {
      const some = 'SELECT id FROM webhook_messages WHERE endpoint_id = ? ORDER BY id LIMIT ?';
      const { id } = endpoint;
      const messages = await changeRows(tx, `DELETE FROM webhook_messages WHERE id IN (${some})`, [id, room]);
      if (messages === room) return messages;
      return messages + (await tx.nativeDelete(WebhookEndpoint, { id }));
    });
  }
  return cleared;
}

/** How many were disabled, by themselves or by hand. */
export async function countDisabledEndpoints(sql: Sql): Promise<number> {
  return await sql.count(WebhookEndpoint, { enabled: false, ...STANDS });
}
