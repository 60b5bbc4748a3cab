import type { Sql } from './database.ts';
import { placeholders } from './statement.ts';

/** An event's key in the outbox. */
export interface EventKey {
  company_id: number;
  event_id: string;
}

/**
 * The events of these types that went out and are not settled, whoever sent them. Reads the whole outbox up to the last of them: for the
 * survey, and not again and again.
 */
export async function unsettledOfTypes(sql: Sql, types: readonly string[], most: number): Promise<EventKey[]> {
  const isOfThem = types.map(() => 'event LIKE ?').join(' OR ');
  return await sql.execute<EventKey[]>(
    `SELECT company_id, event_id FROM outbox WHERE lane = 'p2p' AND (${isOfThem}) ORDER BY id LIMIT ?`,
    [...types.map((type) => `%"type":"${type}"%`), most],
  );
}

/** Those of these events that are not settled. */
export async function unsettledOf<E extends EventKey>(sql: Sql, events: readonly E[]): Promise<E[]> {
  if (events.length === 0) return [];
  const rows = await sql.execute<EventKey[]>(
    `SELECT company_id, event_id FROM outbox WHERE (company_id, event_id) IN (VALUES ${placeholders(events.length, 2)})`,
    events.flatMap(({ company_id, event_id }) => [company_id, event_id]),
  );
  const open = new Set(rows.map(keyText));
  return events.filter((event) => open.has(keyText(event)));
}

const keyText = ({ company_id, event_id }: EventKey): string => `${company_id}:${event_id}`;
