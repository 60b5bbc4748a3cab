import { type BookingStatus, type Confirmable, isConfirmed } from './bookings.ts';
import { LADDER_STEPS, type LadderStep } from './events.ts';
import type { NoShowLadder, StandingLadder } from './no-show-ladder.ts';
import { earlyKey, namedBy, offsetKey, type ReminderOffset } from './reminder-offsets.ts';
import type { DecidedReminder } from './reminders.ts';

const MINUTE_MS = 60_000;
const STEP_KEY = /^ladder (ask|push|call) (.+)$/;

/** What is decided of the ladder by itself: a question that goes with no reminder, and what follows one. */
export const LADDER_PARTS = ['ask', ...LADDER_STEPS] as const;
export type LadderPart = (typeof LADDER_PARTS)[number];

/** What follows a question that nobody answers. */
export interface LadderItem {
  /** Names it among what is decided of a start; another question has steps of its own. */
  key: string;
  step: LadderStep;
  /** Of the reminder that asked. */
  offset: ReminderOffset;
  due_at: Date;
}

const keyOf = (step: LadderPart, ask: ReminderOffset): string => `ladder ${step} ${offsetKey(ask)}`;

/** Names the question that goes with the message about a move. */
export const askKey = (ask: ReminderOffset): string => keyOf('ask', ask);

/** What of the ladder a key names, and the reminder that asks, or would have; null for the key of a reminder. */
export function stepOf(key: string): { step: LadderPart; offset: ReminderOffset; only_user: null } | null {
  const [, word, ask] = STEP_KEY.exec(key) ?? [];
  const step = LADDER_PARTS.find((known) => known === word);
  return step && ask !== undefined ? { step, offset: namedBy(ask).offset, only_user: null } : null;
}

/** What follows a question of this moment, in the order of time. */
export function ladderItems({ ask, push_after_min, call_after_min }: NoShowLadder, askedAt: Date): LadderItem[] {
  const after: Record<LadderStep, number | null> = { push: push_after_min, call: call_after_min };
  return LADDER_STEPS.flatMap((step) => {
    const minutes = after[step];
    if (minutes === null) return [];
    const due_at = new Date(askedAt.getTime() + minutes * MINUTE_MS);
    return [{ key: keyOf(step, ask), step, offset: ask, due_at }];
  });
}

/** Something decided, with when. */
export type Decided = DecidedReminder & { decided_at: Date };

/** By which keys the client may be asked: with everybody, with their own before their quiet hours, or when the booking was moved. */
export function questionKeys({ ask }: Pick<NoShowLadder, 'ask'>, clientId: number): string[] {
  const everybodys = offsetKey(ask);
  return [everybodys, earlyKey(everybodys, clientId), askKey(ask)];
}

/** When the message went with which the ladder asks now, be it that it did not ask then; null for not yet. */
export function questionAt({ ladder, client_id, decided }: Silence): Date | null {
  if (!ladder) return null;
  const keys = questionKeys(ladder, client_id);
  const sent = decided.filter(({ key, state }) => state === 'emitted' && keys.includes(key));
  // Whoever had it early does not get everybody's.
  return sent.reduce<Date | null>((best, { decided_at: at }) => (best === null || at < best ? at : best), null);
}

/** When the client was asked about this start as the ladder asks now; null for not yet, or with a plain reminder. */
function askedAt(silence: Silence): Date | null {
  const at = questionAt(silence);
  return at && asksAt(silence.ladder, at) ? at : null;
}

/** Whether a reminder with which the ladder asks now asked already when it went at this moment. */
export const asksAt = (ladder: StandingLadder | null, at: Date): boolean => ladder !== null && at > ladder.since;

export interface LadderCase {
  ladder: StandingLadder | null;
  client_id: number;
  booking: Confirmable & { status: BookingStatus };
  /** Of this start: reminders, and what is of the ladder. */
  decided: readonly Decided[];
  now: Date;
}

type Silence = Pick<LadderCase, 'ladder' | 'client_id' | 'decided'>;

export type LadderDecision = DecidedReminder & Pick<LadderItem, 'step' | 'offset'>;

/**
 * Decides on every step whose time has come and that is not decided yet. Of two that are overdue the call goes: it helps more, and
 * nothing follows it.
 * @returns also when to look again; null for never
 */
export function decideLadder(given: LadderCase): { decisions: LadderDecision[]; next: Date | null } {
  const { ladder, booking, decided, now } = given;
  const asked = booking.status === 'created' ? askedAt(given) : null;
  if (!ladder || !asked) return { decisions: [], next: null };
  const known = new Set(decided.map(({ key }) => key));
  const open = ladderItems(ladder, asked).filter(({ key }) => !known.has(key));
  const due = open.filter(({ due_at }) => due_at <= now);
  const isCalled = known.has(keyOf('call', ladder.ask));
  const last = isCalled ? null : due.at(-1);
  const decisions = due.map((item): LadderDecision => {
    const reason = uselessness(booking, now) ?? (item === last ? null : 'nearer_reminder');
    return { ...item, state: reason === null ? 'emitted' : 'skipped', reason };
  });
  return { decisions, next: open.find(({ due_at }) => due_at > now)?.due_at ?? null };
}

/** Null for a step that helps. */
export function uselessness(booking: LadderCase['booking'], now: Date): 'confirmed' | 'too_late' | null {
  if (isConfirmed(booking)) return 'confirmed';
  return booking.starts_at <= now ? 'too_late' : null;
}
