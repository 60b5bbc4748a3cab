import type { BookingEvent, BookingState, Initiator } from './events.ts';

/** Seconds. */
export const DEFAULT_MERGE_MOVES_S = 5;
/** Seconds. */
export const MAX_MERGE_MOVES_S = 300;
/** Moves that one event tells of at most: whoever moves a booking all the time makes another. */
const MAX_MERGED = 100;

/** An event that says where the booking was. */
export type MoveEvent = BookingEvent & { change: { version: number; from: BookingState; to: BookingState } };

/** What follows a move that was told: further ones of the same booking wait until it closes. */
export interface MoveWindow {
  closesAt: Date;
  /** The event that told people where the booking is; null where there is none that told just that. */
  toldBy: string | null;
  /** A move that waits, or several in one. */
  held: MoveEvent | null;
}

/** What goes out now, in this order, and the window from now on. */
export interface MoveDecision {
  send: MoveEvent[];
  window: MoveWindow | null;
}

interface Present {
  now: Date;
  /** Ms for which moves wait; 0 for not at all. */
  mergeMs: number;
}

/**
 * What becomes of a move. The first goes out at once, further ones wait for the window to close and become one. Who makes a move is not
 * told of it, so those of different people are not merged: the one that waits goes ahead. What changes whose booking it is waits for
 * nothing, so that nobody has a booking of which they hear nothing. What should have gone out already goes now.
 * @param open with whether the event that told is over for everybody, so that none of its messages tells of what comes now
 */
export function takeMove(
  move: MoveEvent,
  open: (MoveWindow & { isToldSettled: boolean }) | null,
  present: Present,
): MoveDecision {
  if (!open) return sent(move, present);
  const { closesAt, toldBy, held, isToldSettled } = open;
  if (handsOver(move)) return behind(closeWindow(open, present), sent(move, present));
  if (held && !mayMerge(held, move)) {
    const ahead = closeWindow(open, present);
    return behind(ahead, takeMove(move, ahead.window && { ...ahead.window, isToldSettled: false }, present));
  }
  const next = held ? merged(held, move) : following(move, isToldSettled ? toldBy : null, present);
  const mayWait = present.mergeMs > 0 && closesAt > present.now;
  return mayWait ? { send: [], window: { closesAt, toldBy, held: next } } : sent(released(next), present);
}

/** What becomes of a window whose time is over, or whose move cannot wait any longer: another follows what goes out. */
export function closeWindow({ held }: MoveWindow, present: Present): MoveDecision {
  return held ? sent(released(held), present) : { send: [], window: null };
}

/** A change in silence: from now on nobody was told where the booking is. */
export function passedInSilence<Window extends MoveWindow>(window: Window): Window {
  return { ...window, toldBy: null, held: window.held && unfollowing(window.held) };
}

/** As it goes out, which is the end of its waiting. */
export function released(held: MoveEvent): MoveEvent {
  return isSame(held.change.from, held.change.to) ? held : unfollowing(held);
}

function behind(ahead: MoveDecision, { send, window }: MoveDecision): MoveDecision {
  return { send: [...ahead.send, ...send], window };
}

/** What leads back tells nothing to those who know: they know it by the event before. */
function sent(event: MoveEvent, { now, mergeMs }: Present): MoveDecision {
  const closesAt = new Date(now.getTime() + mergeMs);
  const toldBy = event.after?.event_id ?? event.id;
  return { send: [event], window: mergeMs === 0 ? null : { closesAt, toldBy, held: null } };
}

function following(move: MoveEvent, event_id: string | null, { now }: Present): MoveEvent {
  return event_id === null ? move : { ...move, after: { event_id, before: now.toISOString() } };
}

function unfollowing({ after: _, ...move }: MoveEvent): MoveEvent {
  return move;
}

function handsOver({ change: { from, to } }: MoveEvent): boolean {
  return from.specialist_id !== to.specialist_id;
}

function mayMerge({ initiated_by, merged }: MoveEvent, move: MoveEvent): boolean {
  return isSame(initiated_by, move.initiated_by) && (merged?.length ?? 1) < MAX_MERGED;
}

/** The last of them, from where the first found the booking. */
function merged(held: MoveEvent, move: MoveEvent): MoveEvent {
  const versions = [...(held.merged ?? [held.change.version]), move.change.version];
  return {
    ...{ ...move, id: held.id, change: { ...move.change, from: held.change.from }, merged: versions },
    ...(held.after && { after: held.after }),
  };
}

/** Both are written by this product, with their members in one order. */
function isSame<T extends Initiator | BookingState>(one: T, other: T): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
