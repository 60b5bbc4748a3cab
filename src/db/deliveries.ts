import type { EntityManager } from '@mikro-orm/core';
import type { Database } from './database.ts';
import { Delivery, type DeliveryRow } from './event-entities.ts';
import { changeRows, chunksOf, placeholders, type Value } from './statement.ts';

/** How an event ended for one person; `merged_versions` of several moves in one. */
export type DeliveryRecord = Omit<DeliveryRow, 'id' | 'merged_versions'> & { merged_versions?: readonly number[] };

/** What the log says of one user. */
export type LoggedOutcome = Pick<
  DeliveryRow,
  'user_id' | 'role' | 'status' | 'channel' | 'reason' | 'chat_id' | 'message_id'
>;

const COLUMNS = [
  'company_id',
  'event_id',
  'event_type',
  'booking_id',
  'user_id',
  'role',
  'channel',
  'status',
  'reason',
  'attempts',
  'chat_id',
  'message_id',
  'finished_at',
  'merged_versions',
] as const satisfies (keyof DeliveryRecord)[];
const RECIPIENT_COLUMNS = ['company_id', 'event_id', 'user_id'] as const;

const UPDATES = COLUMNS.filter((column) => !RECIPIENT_COLUMNS.some((key) => key === column))
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

const valuesOf = ({ merged_versions, ...row }: DeliveryRecord): Value[] => {
  const stored = { ...row, merged_versions: merged_versions ? JSON.stringify(merged_versions) : null };
  return COLUMNS.map((column) => stored[column]);
};

const recipientOf = (row: DeliveryRecord): string => JSON.stringify(RECIPIENT_COLUMNS.map((column) => row[column]));

/** The rule of the upsert below, within one batch: PostgreSQL refuses to touch a row twice in a statement. */
function oneEach(rows: readonly DeliveryRecord[]): DeliveryRecord[] {
  const byRecipient = new Map<string, DeliveryRecord>();
  for (const row of rows) {
    const key = recipientOf(row);
    if (byRecipient.get(key)?.status !== 'delivered') byRecipient.set(key, row);
  }
  return [...byRecipient.values()];
}

/**
 * Writes one row per person and event. The newest outcome wins (a dead delivery may be replayed and arrive), except
 * that "delivered" stays: what arrived cannot be unsent. Logging the same again changes nothing.
 */
export async function logDeliveries(tx: EntityManager, rows: readonly DeliveryRecord[]): Promise<void> {
  for (const chunk of chunksOf(oneEach(rows)))
    await changeRows(
      tx,
      `INSERT INTO deliveries (${COLUMNS.join(', ')}) VALUES ${placeholders(chunk.length, COLUMNS.length)}
      ON CONFLICT (${RECIPIENT_COLUMNS.join(', ')}) DO UPDATE SET ${UPDATES} WHERE deliveries.status <> 'delivered'`,
      chunk.flatMap(valuesOf),
    );
}

/** How the event has ended so far, by user. */
export async function loggedOutcomes(
  database: Database,
  company_id: DeliveryRow['company_id'],
  event_id: DeliveryRow['event_id'],
): Promise<Map<number, LoggedOutcome>> {
  const rows = await database.read().find(
    Delivery,
    { company_id, event_id },
    {
      fields: ['user_id', 'role', 'status', 'channel', 'reason', 'chat_id', 'message_id'],
      disableIdentityMap: true,
    },
  );
  return new Map(
    rows.map(({ user_id, role, status, channel = null, reason = null, chat_id = null, message_id = null }) => [
      user_id,
      { user_id, role, status, channel, reason, chat_id, message_id },
    ]),
  );
}
