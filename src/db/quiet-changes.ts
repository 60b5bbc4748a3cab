import type { Sql } from './database.ts';
import { askForPass } from './reminder-passes.ts';
import { changeRows } from './statement.ts';

/** Of one person so many bookings are set at once; with more, their company's are gone over in pages. */
const MOST_AT_ONCE = 500;

const THEIRS = (column: 'client_id' | 'specialist_id') => `UPDATE bookings SET next_reminder_at = ? WHERE id IN (
  SELECT id FROM bookings WHERE ${column} = ? AND starts_at > ? AND status = 'created' ORDER BY starts_at LIMIT ?)`;

/** Somebody's quiet hours, or their clock, are others: when they are reminded of what they have ahead must be looked at now. */
export async function lookAtRemindersOf(tx: Sql, user: { id: number; company_id: number }, now: Date): Promise<void> {
  for (const column of ['client_id', 'specialist_id'] as const) {
    const set = await changeRows(tx, THEIRS(column), [now, user.id, now, MOST_AT_ONCE]);
    if (set === MOST_AT_ONCE) await askForPass(tx, user.company_id);
  }
}
