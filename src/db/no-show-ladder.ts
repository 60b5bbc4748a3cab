import { asksAt, questionKeys } from '../domain/ladder-steps.ts';
import type { NoShowLadder, StandingLadder } from '../domain/no-show-ladder.ts';
import type { Sql } from './database.ts';
import { placeholders } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** As it stands in `companies.no_show_ladder`. */
export const encodeLadder = (ladder: StandingLadder): string => JSON.stringify(ladder);

/** @param stored what `encodeLadder` wrote; null where the company has none */
export function decodeLadder(stored: string | null): StandingLadder | null {
  if (stored === null) return null;
  const { since, ...ladder }: NoShowLadder & { since: string } = JSON.parse(stored);
  return { ...ladder, since: new Date(since) };
}

/** Whether the question has gone out to the client about the booking's present start. */
export async function wasAsked(
  sql: Sql,
  booking: { id: number; start_version: number; client_id: number },
  ladder: StandingLadder,
): Promise<boolean> {
  const keys = questionKeys(ladder, booking.client_id);
  const [first] = await sql.execute<{ decided_at: StoredDate }[]>(
    `SELECT decided_at FROM reminders WHERE booking_id = ? AND version = ? AND offset_key IN ${placeholders(1, keys.length)}
      AND state = 'emitted' ORDER BY decided_at LIMIT 1`,
    [booking.id, booking.start_version, ...keys],
  );
  return first !== undefined && asksAt(ladder, dateOf(first.decided_at));
}
