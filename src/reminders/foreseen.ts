import type { BookingRow } from '../db/entities.ts';
import type { StoredReminder } from '../db/reminder-records.ts';
import type { BookingStatus } from '../domain/bookings.ts';
import {
  decideLadder,
  earliest,
  type LadderCase,
  type LadderItem,
  type LadderPart,
  ladderItems,
  type Question,
  questionOf,
  stepOf,
  uselessness,
} from '../domain/ladder-steps.ts';
import { earlyKey, namedBy, offsetKey, type ReminderOffset } from '../domain/reminder-offsets.ts';
import {
  type DecidedReminder,
  decideReminders,
  earlyItems,
  type ReminderCase,
  type ReminderDecision,
  type ReminderSkip,
  reminderItems,
  setLater,
} from '../domain/reminders.ts';

/**
 * Why a reminder does not go out: as it was, or would be, decided; because its booking has ended; or because nobody looks at the
 * booking: a process from before there were reminders took it in.
 */
export type ReminderReason = ReminderSkip | `booking_${Exclude<BookingStatus, 'created'>}` | 'unattended';

/** One reminder of a booking, or what follows one that asked the client and got no answer. */
export interface ScheduledReminder {
  offset: ReminderOffset;
  /** Null for everybody; else it goes to this person alone, before their quiet hours. */
  only_user: number | null;
  /** What follows the reminder of this offset, or asked in its place; null for the reminder itself. */
  step: LadderPart | null;
  /** The booking's version that set the start of which it reminds. */
  version: number;
  due_at: Date;
  /** `pending` also for one that is due and goes out any moment. */
  state: 'pending' | 'emitted' | 'skipped';
  reason: ReminderReason | null;
  event_id: string | null;
  /** Null for what is not written down. */
  decided_at: Date | null;
}

export const recorded = ({ key, booking_id: _, ...row }: StoredReminder): ScheduledReminder => ({
  ...(stepOf(key) ?? { ...namedBy(key), step: null }),
  ...row,
});

/** What is decided now, and at each later moment as things are now; in the order of time. */
function decidedAhead(given: ReminderCase): ReminderDecision[] {
  const ahead: ReminderDecision[] = [];
  for (let at: Date | null = given.now; at; ) {
    const { decisions, next } = decideReminders({ ...given, decided: [...given.decided, ...ahead], now: at });
    ahead.push(...decisions);
    at = next;
  }
  return ahead;
}

/** The case as it will stand when one of the foreseen goes. Nobody's quiet hours matter any more: what is due then is decided. */
export function whenItGoes(
  given: ReminderCase,
  { due_at }: Pick<ScheduledReminder, 'due_at'>,
  ahead: readonly ScheduledReminder[],
): ReminderCase {
  const decided = [...given.decided, ...ahead.filter((one) => one.due_at <= due_at).map(asDecided)];
  return { ...given, decided, readers: [], now: due_at > given.now ? due_at : given.now };
}

function asDecided({ offset, only_user, due_at, state }: ScheduledReminder): DecidedReminder {
  const key = only_user === null ? offsetKey(offset) : earlyKey(offsetKey(offset), only_user);
  return { key, due_at, state: state === 'skipped' ? 'skipped' : 'emitted', reason: null };
}

/** Those of the present start on which nothing is written down, as they would be decided now. */
export function foreseen(
  given: ReminderCase,
  booking: Pick<BookingRow, 'start_version' | 'updated_at'> & { isLookedAt: boolean },
): ScheduledReminder[] {
  const { status, starts_at } = given.booking;
  const known = new Set(given.decided.map(({ key }) => key));
  const decisions = booking.isLookedAt ? decidedAhead(given) : decideReminders(given).decisions;

  const early = status === 'created' && booking.isLookedAt ? earlyItems(given) : [];

  return [...reminderItems(given.rules, given.booking), ...early].flatMap((item): ScheduledReminder[] => {
    const { key, offset, due_at, only_user } = item;
    if (known.has(key)) return [];
    const undecided = {
      ...{ offset, only_user, step: null, version: booking.start_version, due_at },
      ...{ event_id: null, decided_at: null },
    };
    const skipped = (reason: ReminderReason): ScheduledReminder[] => [{ ...undecided, state: 'skipped', reason }];
    const wasLate = setLater(item, given.booking);
    if (wasLate && due_at <= given.now) return skipped(wasLate);
    if (status !== 'created') {
      if (starts_at <= given.now && due_at <= booking.updated_at) return []; // decided and forgotten, for all one can tell
      return skipped(`booking_${status}`);
    }
    const reason = decisions.find((one) => one.key === key)?.reason;
    if (booking.isLookedAt) return reason ? skipped(reason) : [{ ...undecided, state: 'pending', reason: null }];
    return reason === 'too_late' ? [] : skipped(reason ?? 'unattended'); // the first was decided and is forgotten
  });
}

/**
 * What would follow if the client did not answer: after the question that went out, or that is to come.
 * @param toCome the reminders that are foreseen
 */
export function foreseenSteps(
  given: LadderCase & { start_version: number },
  toCome: readonly ScheduledReminder[],
): ScheduledReminder[] {
  const { ladder, booking, decided } = given;
  const question = questionOf(given) ?? questionToCome(given, toCome);
  if (!ladder || !question?.asks) return [];
  const known = new Set(decided.map(({ key }) => key));
  const { decisions } = decideLadder(given);
  const open = ladderItems(ladder, question.at, given).filter(({ key }) => !known.has(key));
  const reasonOf = ({ key, due_at }: LadderItem): ReminderReason | null => {
    if (booking.status !== 'created') return `booking_${booking.status}`;
    const decision = decisions.find((one) => one.key === key);
    if (decision) return decision.reason;
    const last = open.findLast((one) => one.due_at.getTime() === due_at.getTime());
    return uselessness(given, due_at) ?? (last?.key === key ? null : 'nearer_reminder');
  };
  return open.map((item): ScheduledReminder => {
    const { step, offset, due_at } = item;
    const reason = reasonOf(item);
    const undecided = {
      ...{ offset, only_user: null, step, version: given.start_version, due_at },
      ...{ event_id: null, decided_at: null },
    };
    return { ...undecided, state: reason === null ? 'pending' : 'skipped', reason };
  });
}

/** With their own reminder where they get it early; null where nobody will ask. */
function questionToCome({ ladder, client_id }: LadderCase, toCome: readonly ScheduledReminder[]): Question | null {
  if (!ladder) return null;
  const isTheirs = (user: number | null) => user === null || user === client_id;
  const questions = toCome.filter(
    ({ state, offset, only_user }) =>
      state === 'pending' && offsetKey(offset) === offsetKey(ladder.ask) && isTheirs(only_user),
  );
  const at = earliest(questions.map(({ due_at }) => due_at));
  return at && { asks: true, at };
}
