import type { BookingEvent } from '../domain/events.ts';
import type { Sql } from './database.ts';

/**
 * What has to stand in the log: that they were told, or have made the change themselves, before the booking was elsewhere, and nothing
 * since of this booking, nor a list of their day. Whatever else became of a message, someone may have seen it: one that was suppressed
 * may have been sent before with an answer that got lost. The plus, and subselects that are no joins, keep both databases off all that a
 * busy person was ever told.
 */
const KNOWS = `SELECT 1 FROM deliveries told
WHERE told.company_id = ? AND told.event_id = ? AND told.user_id = ? AND told.finished_at < ?
  AND (told.status = 'delivered' OR told.reason = 'initiator')
  AND (SELECT since.id FROM deliveries since WHERE since.booking_id = told.booking_id AND +since.user_id = told.user_id
    AND since.id <> told.id AND (since.id > told.id OR since.finished_at >= told.finished_at)
    AND COALESCE(since.reason, '') <> 'moved_back' LIMIT 1) IS NULL
  AND (SELECT list.id FROM deliveries list WHERE list.user_id = told.user_id AND list.finished_at >= told.finished_at
    AND list.event_type = 'specialist_day' LIMIT 1) IS NULL`;

/** Whether the log shows that what somebody was told last of the booking is the place to which its moves have led back. */
export async function knowsPlace(
  sql: Sql,
  { company_id, user_id, after }: { company_id: number; user_id: number; after: NonNullable<BookingEvent['after']> },
): Promise<boolean> {
  const rows = await sql.execute(KNOWS, [company_id, after.event_id, user_id, new Date(after.before)]);
  return rows.length > 0;
}
