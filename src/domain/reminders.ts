import type { BookingStatus } from './bookings.ts';
import { type EarlyReminder, earlyReminders, type RemindedReader } from './early-reminders.ts';
import { earlyKey, namedBy, offsetKey, type ReminderOffset } from './reminder-offsets.ts';
import { addDays, dateAt, type WallClock, type WallClocks, wallClock } from './venue-clock.ts';

const MINUTE_MS = 60_000;

/** One of a company's reminders. What was due before the company asked for it is not made up for. */
export interface ReminderRule {
  offset: ReminderOffset;
  since: Date;
}

/** Those that stay keep their `since`. */
export function rulesWith(
  before: readonly ReminderRule[],
  offsets: readonly ReminderOffset[],
  now: Date,
): ReminderRule[] {
  const known = new Map(before.map((rule) => [offsetKey(rule.offset), rule]));
  return offsets.map((offset) => known.get(offsetKey(offset)) ?? { offset, since: now });
}

/** A start by the clock of its venue. */
export interface VenueStart {
  starts_at: Date;
  time_zone: string;
}

export function dueAt(offset: ReminderOffset, start: VenueStart, clocks: WallClocks = wallClock): Date {
  return dueTimes(start, clocks)(offset);
}

/** The day before is looked up once, whatever number of offsets ask for it. */
function dueTimes({ starts_at, time_zone }: VenueStart, clocks: WallClocks): (offset: ReminderOffset) => Date {
  let dayBefore: WallClock | undefined;
  return (offset) => {
    if (typeof offset === 'number') return new Date(starts_at.getTime() - offset * MINUTE_MS);
    dayBefore ??= clocks(addDays(dateAt(starts_at, time_zone), -1), time_zone);
    const [hours = 0, minutes = 0] = offset.evening_before.split(':').map(Number);
    return dayBefore.from(hours * 60 + minutes);
  };
}

/** One reminder of one start; its key names it among those of this start. */
export interface ReminderItem extends ReminderRule {
  key: string;
  due_at: Date;
  /** When everybody's of this offset is due: of two, the one that covers the later moment is nearer to the start. */
  covers: Date;
  /** Null for everybody; else it goes early to this person alone. */
  only_user: number | null;
}

/** All that a company's rules ask for of a start, for everybody. */
export function reminderItems(
  rules: readonly ReminderRule[],
  start: VenueStart,
  clocks: WallClocks = wallClock,
): ReminderItem[] {
  const dueAtOf = dueTimes(start, clocks);
  return rules.map((rule) => {
    const due_at = dueAtOf(rule.offset);
    return { ...rule, key: offsetKey(rule.offset), due_at, covers: due_at, only_user: null };
  });
}

/**
 * Those that go early, and still can at this moment or later. Where everybody's is decided, none does: another zone may put its time
 * off, into quiet hours, when it went already.
 */
export function earlyItems(given: ReminderCase): EarlyReminder<ReminderItem>[] {
  const { rules, booking, decided, readers = [], now, clocks } = given;
  const known = new Set(decided.map(({ key }) => key));
  const open = reminderItems(rules, booking, clocks).filter(({ key }) => !known.has(key));
  return earlyReminders(open, readers, booking.start_set_at, clocks).filter(({ quiet_from }) => now < quiet_from);
}

/** The first of the reminders that is due after a moment; null for none. */
export function nextReminder(rules: readonly ReminderRule[], start: VenueStart, after: Date): Date | null {
  return earliest(reminderItems(rules, start), after);
}

/**
 * Why a reminder is not sent: the start was set, or the reminder asked for, when it was past its time already; one that is nearer to
 * the start, or of some that go early together the one that asks, goes, or went, instead; the client had confirmed, where it would ask
 * them to, or is erased; or the booking had begun before anybody looked.
 */
export const REMINDER_SKIPS = [
  'start_set_later',
  'reminder_set_later',
  'nearer_reminder',
  'confirmed',
  'client_erased',
  'too_late',
] as const;
export type ReminderSkip = (typeof REMINDER_SKIPS)[number];

/** What became of one reminder of one start. */
export interface DecidedReminder {
  key: string;
  due_at: Date;
  state: 'emitted' | 'skipped';
  reason: ReminderSkip | null;
}

export type ReminderDecision = DecidedReminder & Pick<ReminderItem, 'offset' | 'only_user'>;

/**
 * Whether it must be written down to hold. What was set later follows from the booking and the rules, and holds no longer when
 * another zone moves the reminder's time ahead.
 */
export const isKept = ({ reason }: DecidedReminder): boolean =>
  reason !== 'start_set_later' && reason !== 'reminder_set_later';

export interface ReminderCase {
  rules: readonly ReminderRule[];
  /** `start_set_at` is when it was made, or last moved to another time. */
  booking: VenueStart & { status: BookingStatus; start_set_at: Date };
  /** Of this start; those that are kept. */
  decided: readonly DecidedReminder[];
  /** Whose quiet hours count; nobody's where it is left out. */
  readers?: readonly RemindedReader[];
  /** Keys of early ones that went and reached nobody: they make no other needless. */
  unheard?: readonly string[];
  /** Who is asked whether they come, and with which of the reminders; nobody where it is left out. */
  question?: { user_id: number; offset: ReminderOffset } | null;
  now: Date;
  /** For many cases at once. */
  clocks?: WallClocks;
}

/**
 * Decides on every reminder whose time has come and that is not decided yet. One is emitted to everybody at most, and one more to each
 * whose quiet hours begin: of several that are overdue, the nearest to the start still helps.
 * @returns also when to look again; null for never
 * @throws RangeError for a zone that this runtime does not know
 */
export function decideReminders(given: ReminderCase): { decisions: ReminderDecision[]; next: Date | null } {
  const { rules, booking, decided, now, clocks } = given;
  if (booking.status !== 'created') return { decisions: [], next: null };
  const known = new Set(decided.map(({ key }) => key));
  const items = [...reminderItems(rules, booking, clocks), ...earlyItems(given)];
  const open = items.filter(({ key }) => !known.has(key));
  const judged = open
    .filter(({ due_at }) => due_at <= now)
    .map((item) => ({ item, reason: uselessness(item, booking, now) }));
  const useful = judged.filter(({ reason }) => reason === null).map(({ item }) => item);
  const going = nearestOfEach(useful, sentBefore(given), given.question);
  const decisions = judged.map(({ item, reason }): ReminderDecision => {
    const { key, offset, due_at, only_user } = item;
    if (going.has(item)) return { key, offset, due_at, only_user, state: 'emitted', reason: null };
    return { key, offset, due_at, only_user, state: 'skipped', reason: reason ?? 'nearer_reminder' };
  });
  return { decisions, next: earliest(open, now) };
}

type Sent = Pick<ReminderItem, 'key' | 'covers' | 'only_user'>;

/** What went of this start, and may have been heard. */
function sentBefore(given: Pick<ReminderCase, 'decided' | 'booking' | 'unheard'>): Sent[] {
  const { decided, unheard = [] } = given;
  return decided
    .filter(({ key, state }) => state === 'emitted' && !unheard.includes(key))
    .map(({ key }) => ({ key, only_user: namedBy(key).only_user, covers: coversOf(key, given) }));
}

/** The moment up to which one stands for others: an early one for all that would have gone early to its person together with it. */
function coversOf(key: string, { decided, booking }: Pick<ReminderCase, 'decided' | 'booking'>): Date {
  const dueOf = (name: string) => decided.find((one) => one.key === name)?.due_at;
  const everybodysDue = (offset: ReminderOffset) => dueOf(offsetKey(offset)) ?? dueAt(offset, booking);
  const { offset, only_user } = namedBy(key);
  const wentAt = dueOf(key)?.getTime();
  const together = decided
    .map((one) => ({ ...namedBy(one.key), due_at: one.due_at.getTime() }))
    .filter((one) => only_user !== null && one.only_user === only_user && one.due_at === wentAt);
  const covered = [offset, ...together.map((one) => one.offset)].map((one) => everybodysDue(one).getTime());
  return new Date(Math.max(...covered));
}

/**
 * Everybody's first: whoever hears that needs nothing early that is no nearer to the start. Of what goes early together the one that asks
 * goes, for the night leaves no other time for the question.
 */
function nearestOfEach(
  useful: readonly ReminderItem[],
  sent: readonly Sent[],
  question: ReminderCase['question'],
): ReadonlySet<ReminderItem> {
  const going = new Set<ReminderItem>();
  const early = useful.flatMap(({ only_user }) => only_user ?? []);
  for (const group of [null, ...new Set(early)]) {
    const heard = [...sent, ...going].filter(({ only_user }) => only_user === null || only_user === group);
    const [nearest, ...others] = useful
      .filter(({ only_user, covers }) => only_user === group && heard.every((one) => one.covers < covers))
      .sort((a, b) => b.covers.getTime() - a.covers.getTime());
    const goes = others.find(({ key, only_user }) => only_user !== null && asks(key, question)) ?? nearest;
    if (goes) going.add(goes);
  }
  return going;
}

/** Whether what a key names asks the client, be it everybody's or what goes to them early. */
function asks(key: string, question: ReminderCase['question']): boolean {
  if (!question) return false;
  const { offset, only_user } = namedBy(key);
  return offsetKey(offset) === offsetKey(question.offset) && (only_user === null || only_user === question.user_id);
}

/**
 * Why a reminder that went is not to be told any more to somebody: one nearer to the start went too, or goes any moment; or they were
 * reminded early, or are about to be. What asks them whether they come is told though they were reminded early, unless they were asked.
 */
export function outdoneFor(
  userId: number,
  { offset, isEarly }: { offset: ReminderOffset; isEarly: boolean },
  given: ReminderCase,
): 'nearer_reminder' | 'sent_early' | null {
  const { question } = given;
  const all = { ...given, decided: [...given.decided, ...decideReminders(given).decisions] };
  const key = isEarly ? earlyKey(offsetKey(offset), userId) : offsetKey(offset);
  const covers = coversOf(key, all);
  const others = sentBefore(all);
  if (others.some((one) => one.only_user === null && one.covers > covers)) return 'nearer_reminder';
  const isQuestion = !isEarly && question?.user_id === userId && asks(key, question);
  const early = others.filter((one) => one.only_user === userId && (!isQuestion || asks(one.key, question)));
  return early.some((one) => (isEarly ? one.covers > covers : one.covers >= covers)) ? 'sent_early' : null;
}

/** Why one whose start, or which itself, was set when it was past its time, does not go. */
export function setLater(
  { due_at, since }: Pick<ReminderItem, 'due_at' | 'since'>,
  { start_set_at }: Pick<ReminderCase['booking'], 'start_set_at'>,
): ReminderSkip | null {
  if (due_at <= start_set_at) return 'start_set_later';
  return due_at <= since ? 'reminder_set_later' : null;
}

/** Null for one that helps. */
function uselessness(item: ReminderItem, booking: ReminderCase['booking'], now: Date): ReminderSkip | null {
  return setLater(item, booking) ?? (booking.starts_at <= now ? 'too_late' : null);
}

/** Of those behind a moment. */
function earliest(items: readonly ReminderItem[], after: Date): Date | null {
  const moments = items.map(({ due_at }) => due_at).filter((due) => due > after);
  return moments.reduce<Date | null>((best, one) => (best === null || one < best ? one : best), null);
}
