import type { WebhookEventType } from '../domain/webhooks.ts';
import type { Sql } from './database.ts';
import { findRow, findRows } from './rows.ts';
import { changeRows } from './statement.ts';
import { WebhookEndpoint, type WebhookEndpointRow } from './webhook-entities.ts';

/** An endpoint with what it asked for read. */
export interface StoredWebhookEndpoint extends Omit<WebhookEndpointRow, 'event_types'> {
  event_types: WebhookEventType[];
}

/** What is made anew when the endpoint is believed to be well. */
const WELL = { failures: 0, failing_since: null, held_until: null, last_error: null } as const;
const NOT_DISABLED = { enabled: true, disabled_at: null, disabled_reason: null } as const;

const readEndpoint = ({ event_types, ...row }: WebhookEndpointRow): StoredWebhookEndpoint => ({
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
  sql.count(WebhookEndpoint, { company_id });

export async function findWebhookEndpoint(sql: Sql, id: number): Promise<StoredWebhookEndpoint | null> {
  const row = await findRow(sql, WebhookEndpoint, { id });
  return row && readEndpoint(row);
}

export async function listWebhookEndpoints(
  sql: Sql,
  where: Parameters<typeof findRows<typeof WebhookEndpoint>>[2],
  options: Parameters<typeof findRows<typeof WebhookEndpoint>>[3],
): Promise<StoredWebhookEndpoint[]> {
  return (await findRows(sql, WebhookEndpoint, where, options)).map(readEndpoint);
}

export interface EndpointChange {
  url?: string | undefined;
  event_types?: WebhookEventType[] | undefined;
  enabled?: boolean | undefined;
}

/** What an endpoint that was switched off by hand tells. */
const SWITCHED_OFF = 'switched_off';

/** A new address is believed to be well, and so is one that is switched on. Answers it as it is then. */
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
  return { ...before, ...changes };
}

/** The old secret goes on signing, beside the new one, until then. */
export async function rotateWebhookSecret(
  tx: Sql,
  id: number,
  { secret, oldUntil }: { secret: string; oldUntil: Date },
): Promise<void> {
  await changeRows(
    tx,
    'UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = ?, secret = ? WHERE id = ?',
    [oldUntil, secret, id],
  );
}

export async function deleteWebhookEndpoint(tx: Sql, id: number): Promise<void> {
  await tx.nativeDelete(WebhookEndpoint, { id });
}

/** How many were disabled, by themselves or by hand. */
export async function countDisabledEndpoints(sql: Sql): Promise<number> {
  return await sql.count(WebhookEndpoint, { enabled: false });
}
