import { type BookingStatus, type Confirmable, isConfirmed } from './bookings.ts';
import type { RemindedReader } from './early-reminders.ts';
import { LADDER_STEPS, type LadderStep } from './events.ts';
import type { NoShowLadder, StandingLadder } from './no-show-ladder.ts';
import { quietAt } from './quiet-hours.ts';
import { earlyKey, namedBy, offsetKey, type ReminderOffset } from './reminder-offsets.ts';
import type { DecidedReminder } from './reminders.ts';
import type { WallClocks } from './venue-clock.ts';

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

/** What follows a question that went, or goes, at this moment, in the order of time. */
export function ladderItems(
  { ask, push_after_min, call_after_min }: NoShowLadder,
  asked_at: Date,
  given: Pick<LadderCase, 'client' | 'now' | 'clocks'>,
): LadderItem[] {
  const after: Record<LadderStep, number | null> = { push: push_after_min, call: call_after_min };
  return LADDER_STEPS.flatMap((step) => {
    const minutes = after[step];
    if (minutes === null) return [];
    const due_at = outsideQuietHours(new Date(asked_at.getTime() + minutes * MINUTE_MS), given);
    return [{ key: keyOf(step, ask), step, offset: ask, due_at }];
  });
}

/** At night a step waits for the morning; so does one that is overdue when the night has come. */
function outsideQuietHours(at: Date, { client, now, clocks }: Pick<LadderCase, 'client' | 'now' | 'clocks'>): Date {
  const due = quietAt(client, 'messages', at, clocks)?.until ?? at;
  return due > now ? due : (quietAt(client, 'messages', now, clocks)?.until ?? due);
}

/** Something decided, with when. */
export type Decided = DecidedReminder & { decided_at: Date };

/** By which keys the client may be asked: with everybody, with their own before their quiet hours, or when the booking was moved. */
function questionKeys({ ask }: Pick<NoShowLadder, 'ask'>, clientId: number): string[] {
  const everybodys = offsetKey(ask);
  return [everybodys, earlyKey(everybodys, clientId), askKey(ask)];
}

/** The message with which the ladder asks now, as it went about this start, or will. */
export interface Question {
  /** False for one that was a plain reminder when it went. */
  asks: boolean;
  /** From then the minutes count. */
  at: Date;
}

/** What tells whether the client was asked. */
type Asked = Pick<LadderCase, 'ladder' | 'client_id'> & {
  decided: readonly Pick<Decided, 'key' | 'state' | 'decided_at'>[];
};

/** Null for not yet. */
export function questionOf({ ladder, client_id, decided }: Asked): Question | null {
  if (!ladder) return null;
  const keys = questionKeys(ladder, client_id);
  const sent = decided.filter(({ key, state }) => state === 'emitted' && keys.includes(key));
  // Whoever had it early does not get everybody's.
  const at = earliest(sent.map(({ decided_at }) => decided_at));
  return at && { asks: asksAt(ladder, at), at };
}

/** Also by a ladder that is gone: a question that went with a move, and what followed one, name themselves. */
export function wasAskedBy(asked: Asked): boolean {
  const isOfLadder = asked.decided.some(({ key, state }) => state === 'emitted' && stepOf(key) !== null);
  return isOfLadder || (questionOf(asked)?.asks ?? false);
}

/** Null for none. */
export function earliest(moments: readonly Date[]): Date | null {
  return moments.reduce<Date | null>((best, at) => (best === null || at < best ? at : best), null);
}

/** Whether a reminder with which the ladder asks now asked already when it went at this moment. */
const asksAt = (ladder: StandingLadder, at: Date): boolean => at > ladder.since;

export interface LadderCase {
  ladder: StandingLadder | null;
  client_id: number;
  /** In whose quiet hours nobody is reminded or called. */
  client: Omit<RemindedReader, 'user_id'>;
  isClientErased: boolean;
  booking: Confirmable & { status: BookingStatus };
  /** Of this start: reminders, and what is of the ladder. */
  decided: readonly Decided[];
  now: Date;
  /** For many cases at once. */
  clocks?: WallClocks | undefined;
}

export type LadderDecision = DecidedReminder & Pick<LadderItem, 'step' | 'offset'>;

/**
 * Decides on every step whose time has come and that is not decided yet. Of two that are overdue the call goes: it helps more, and
 * nothing follows it.
 * @returns also when to look again; null for never
 */
export function decideLadder(given: LadderCase): { decisions: LadderDecision[]; next: Date | null } {
  const { ladder, decided, now } = given;
  const question = given.booking.status === 'created' ? questionOf(given) : null;
  if (!ladder || !question?.asks) return { decisions: [], next: null };
  const known = new Set(decided.map(({ key }) => key));
  const open = ladderItems(ladder, question.at, given).filter(({ key }) => !known.has(key));
  const due = open.filter(({ due_at }) => due_at <= now);
  const isCalled = known.has(keyOf('call', ladder.ask));
  const last = isCalled ? null : due.at(-1);
  const decisions = due.map((item): LadderDecision => {
    const reason = uselessness(given, now) ?? (item === last ? null : 'nearer_reminder');
    return { ...item, state: reason === null ? 'emitted' : 'skipped', reason };
  });
  return { decisions, next: open.find(({ due_at }) => due_at > now)?.due_at ?? null };
}

/** Null for a step that helps at this moment. */
export function uselessness(
  { booking, isClientErased }: Pick<LadderCase, 'booking' | 'isClientErased'>,
  at: Date,
): 'client_erased' | 'confirmed' | 'too_late' | null {
  if (isClientErased) return 'client_erased';
  if (isConfirmed(booking)) return 'confirmed';
  return booking.starts_at <= at ? 'too_late' : null;
}
