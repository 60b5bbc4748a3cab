import type { Sql } from '../db/database.ts';
import { decidedReminders, recordReminders } from '../db/reminder-records.ts';
import { lookAgain, remindedBooking, storedCases } from '../db/reminder-work.ts';
import type { MoveEvent } from '../domain/move-windows.ts';
import { type DecidedOfStart, leadsBack, questionOfMove } from '../domain/moved-question.ts';

/** More than were ever decided of the starts that a merge window can hold. */
const MAX_BEFORE = 100;

/**
 * In the transaction that sends these moves: those whose message asks the client say so, and their question is written down, so that what
 * follows it is looked for.
 */
export async function askWithMoves(tx: Sql, moves: readonly MoveEvent[], now: Date): Promise<MoveEvent[]> {
  const ids = [...new Set(moves.map(({ booking_id }) => booking_id))];
  const cases = new Map((await storedCases(tx, ids)).map((stored) => [stored.id, remindedBooking(stored)]));
  const going: MoveEvent[] = [];
  for (const move of moves) {
    const found = cases.get(move.booking_id);
    const ladder = found?.onSilence.ladder;
    if (!found || !ladder) {
      going.push(move);
      continue;
    }
    const { onSilence, booking, start_version } = found;
    const before = leadsBack(move) ? await decidedReminders(tx, move.booking_id, MAX_BEFORE) : [];
    const standing = { ...onSilence.booking, ...booking, start_version };
    const decided = judged(move, { ...onSilence, booking: standing, before, now });
    await recordReminders(
      tx,
      decided.map((one) => ({ ...one, booking_id: move.booking_id })),
    );
    if (decided.length > 0) await lookAgain(tx, [{ id: move.booking_id, at: now }]);
    going.push(decided.length > 0 ? { ...move, offset: ladder.ask } : move);
  }
  return going;
}

/** Nothing where a zone is newer than this runtime's data: a move must not wait for that. */
function judged(...given: Parameters<typeof questionOfMove>): DecidedOfStart[] {
  try {
    return questionOfMove(...given);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
