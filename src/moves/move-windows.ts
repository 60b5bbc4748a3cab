import type { Sql } from '../db/database.ts';
import {
  dropMoveWindows,
  findMoveWindow,
  keepMoveWindows,
  type OpenWindow,
  openMoveWindows,
  takeHeldMove,
} from '../db/move-windows.ts';
import { appendManyToOutbox } from '../db/outbox.ts';
import { closeWindow, type MoveEvent, passedInSilence, released, takeMove } from '../domain/move-windows.ts';
import { askWithMoves } from './ask-with-moves.ts';

/** Each of these runs in the transaction of the change, behind it: a move is on its way, or waits, with the commit. */

/** Sends the move, or keeps it until the booking's window closes. */
export async function announceMove(tx: Sql, move: MoveEvent, now: Date): Promise<void> {
  const { booking_id, company_id } = move;
  const { mergeMs, asksClients, window: open } = await findMoveWindow(tx, move);
  const { send, window } = takeMove(move, open, { now, mergeMs });
  await appendManyToOutbox(tx, asksClients ? await askWithMoves(tx, send, now) : send, { at: now });
  if (window) await keepMoveWindows(tx, [{ ...window, booking_id, company_id }]);
  else if (open) await dropMoveWindows(tx, [booking_id]);
}

/** A change of which nobody hears: whoever was told where the booking is does not know it any more. */
export async function passMovesInSilence(tx: Sql, bookingId: number): Promise<void> {
  const windows = await openMoveWindows(tx, [bookingId]);
  await keepMoveWindows(tx, windows.map(passedInSilence));
}

/** Before the last that is told of a booking: what waits goes ahead of it. */
export async function endMoves(tx: Sql, bookingId: number, now: Date): Promise<void> {
  const held = await takeHeldMove(tx, bookingId);
  if (held) await appendManyToOutbox(tx, [released(held)], { at: now });
}

/** Before something else is told of these bookings: what waits goes ahead of it. Answers what does. */
export async function sendHeldMoves(tx: Sql, bookingIds: readonly number[], now: Date): Promise<MoveEvent[]> {
  const windows = await openMoveWindows(tx, bookingIds);
  return await close(
    tx,
    windows.filter(({ held }) => held !== null),
    now,
  );
}

/** Those of the windows that still are to be closed; answers what goes out. What has waited opens another behind it. */
export async function closeDueWindows(tx: Sql, bookingIds: readonly number[], now: Date): Promise<MoveEvent[]> {
  const windows = await openMoveWindows(tx, bookingIds);
  return await close(
    tx,
    windows.filter(({ closesAt }) => closesAt <= now),
    now,
  );
}

async function close(tx: Sql, windows: readonly OpenWindow[], now: Date): Promise<MoveEvent[]> {
  const closed = windows.map(({ booking_id, company_id, mergeMs, asksClients, ...window }) => {
    const { send, window: next } = closeWindow(window, { now, mergeMs });
    return { booking_id, asksClients, send, next: next && { ...next, booking_id, company_id } };
  });
  const sendOf = (asking: boolean) => closed.flatMap(({ asksClients, send }) => (asksClients === asking ? send : []));
  const events = [...sendOf(false), ...(await askWithMoves(tx, sendOf(true), now))];
  await appendManyToOutbox(tx, events, { at: now });
  await keepMoveWindows(
    tx,
    closed.flatMap(({ next }) => next ?? []),
  );
  await dropMoveWindows(
    tx,
    closed.flatMap(({ booking_id, next }) => (next ? [] : [booking_id])),
  );
  return events;
}
