import { type Decided, wasAskedBy } from '../domain/ladder-steps.ts';
import type { NoShowLadder, StandingLadder } from '../domain/no-show-ladder.ts';
import type { Sql } from './database.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** As it stands in `companies.no_show_ladder`. */
export const encodeLadder = (ladder: StandingLadder): string => JSON.stringify(ladder);

/** @param stored what `encodeLadder` wrote; null where the company has none */
export function decodeLadder(stored: string | null): StandingLadder | null {
  if (stored === null) return null;
  const { since, ...ladder }: NoShowLadder & { since: string } = JSON.parse(stored);
  return { ...ladder, since: new Date(since) };
}

/** Whether the client has been asked about the booking's present start, as the company asks now or as it did then. */
export async function wasAsked(
  sql: Sql,
  { id, start_version, client_id }: { id: number; start_version: number; client_id: number },
  ladder: StandingLadder | null,
): Promise<boolean> {
  const sent = await sql.execute<(Pick<Decided, 'key' | 'state'> & { decided_at: StoredDate })[]>(
    `SELECT offset_key AS "key", state, decided_at FROM reminders
      WHERE booking_id = ? AND version = ? AND state = 'emitted'`,
    [id, start_version],
  );
  const decided = sent.map((one) => ({ ...one, decided_at: dateOf(one.decided_at) }));
  return wasAskedBy({ ladder, client_id, decided });
}
