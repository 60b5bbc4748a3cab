import type { Sql } from '../db/database.ts';
import { type NewReminder, recordReminders } from '../db/reminder-records.ts';
import { lookAgain, remindedBooking, type StoredCase, storedCases } from '../db/reminder-work.ts';
import type { MoveEvent } from '../domain/move-windows.ts';
import { maySetStart, questionOfMove } from '../domain/moved-question.ts';
import type { ReminderOffset } from '../domain/reminder-offsets.ts';

/**
 * In the transaction that sends these moves: those whose message asks the client say so, and a question that is new is written down, so that
 * what follows it is looked for.
 */
export async function askWithMoves(tx: Sql, moves: readonly MoveEvent[], now: Date): Promise<MoveEvent[]> {
  const ids = new Set(moves.filter(maySetStart).map(({ booking_id }) => booking_id));
  const cases = new Map((await storedCases(tx, [...ids])).map((stored) => [stored.id, stored]));
  const asked: NewReminder[] = [];
  const going = moves.map((move) => {
    const stored = cases.get(move.booking_id);
    const asking = stored && askingWith(move, stored, now);
    if (!asking) return move;
    const { offset, decided } = asking;
    // A further move of the booking that goes beside this one finds it asked.
    if (decided) cases.set(stored.id, { ...stored, decided: [...stored.decided, decided] });
    if (decided) asked.push(decided);
    return { ...move, offset };
  });
  await recordReminders(tx, asked);
  await lookAgain(
    tx,
    asked.map(({ booking_id }) => ({ id: booking_id, at: now })),
  );
  return going;
}

/**
 * With which reminder's question the move goes, and what is to be written down of it. Nothing where nothing can be decided on the booking: a
 * move, and those beside it, must not wait for that, and the look for reminders tells of it.
 */
function askingWith(
  move: MoveEvent,
  stored: StoredCase,
  now: Date,
): { offset: ReminderOffset; decided: NewReminder | null } | null {
  try {
    const { onSilence, booking, id: booking_id, start_version: version } = remindedBooking(stored);
    const { starts_at } = booking;
    const question = questionOfMove(move, { ...onSilence, booking: { ...onSilence.booking, ...booking }, now });
    if (!onSilence.ladder || !question) return null;
    const offset = onSilence.ladder.ask;
    if (question.kind === 'stands') return { offset, decided: null };
    return { offset, decided: { ...question.decided, booking_id, version, starts_at, event_id: move.id } };
  } catch {
    return null;
  }
}
