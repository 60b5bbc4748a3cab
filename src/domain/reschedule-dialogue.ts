import { addMonths, type CalendarDate, type CalendarMonth, dateAt, isCalendarDate, monthOf } from './venue-clock.ts';

/** Times on one page of the keyboard. */
export const TIMES_PER_PAGE = 24;
/** How many months after the present one are open, or up to the month after the booking's own. */
const MONTHS_AHEAD = 3;

/** What the person is being asked, or how it ended. `page` counts from 0. */
export type DialogueState =
  | { kind: 'choosing_day'; month: CalendarMonth }
  | { kind: 'choosing_time'; date: CalendarDate; page: number }
  | { kind: 'confirming'; starts_at: string }
  /** Left without a change, for the booking's menu or for the booking as it stands. */
  | { kind: 'closed'; to: 'menu' | 'booking' }
  | { kind: 'done' };

/** A state that waits for a press. */
export type AskingState = Exclude<DialogueState, { kind: 'closed' | 'done' }>;

/** One member of the union for each kind, so that a switch can tell them apart. */
type Bare<Kind extends string> = Kind extends string ? { kind: Kind } : never;

/** What a person presses, */
export type DialoguePress =
  | { kind: 'day'; date: CalendarDate }
  | { kind: 'time'; starts_at: string }
  | Bare<'confirm' | 'back' | 'cancel' | 'prev' | 'next' | 'noop'>;

/** and what happens besides: nobody went on, or the booking was changed by another way. */
export type DialogueEvent = DialoguePress | Bare<'timeout' | 'booking_changed'>;

/** What may be chosen at all. */
export interface DialogueBounds {
  time_zone: string;
  /** By the clock of the venue. */
  today: CalendarDate;
  lastMonth: CalendarMonth;
}

export function dialogueBounds(
  { starts_at, time_zone }: { starts_at: Date; time_zone: string },
  now: Date,
): DialogueBounds {
  const today = dateAt(now, time_zone);
  const afterBooking = addMonths(monthOf(dateAt(starts_at, time_zone)), 1);
  const lastMonth = [addMonths(monthOf(today), MONTHS_AHEAD), afterBooking].sort().at(-1) ?? afterBooking;
  return { time_zone, today, lastMonth };
}

/** The month in which the booking stands. */
export function firstState({ starts_at, time_zone }: { starts_at: Date; time_zone: string }): AskingState {
  return { kind: 'choosing_day', month: monthOf(dateAt(starts_at, time_zone)) };
}

/**
 * Where an event leads, without a look at what is free: `settle` takes that look. Null where the event has no place: a
 * button of an earlier keyboard, a forged one, or anything at all after the end.
 */
export function step(state: DialogueState, event: DialogueEvent, bounds: DialogueBounds): DialogueState | null {
  if (state.kind === 'closed' || state.kind === 'done') return null;
  switch (event.kind) {
    case 'noop':
      return state;
    case 'cancel':
    case 'timeout':
    case 'booking_changed':
      return { kind: 'closed', to: 'booking' };
    default:
      return askingStep(state, event, bounds);
  }
}

type Chosen = Exclude<DialogueEvent, Bare<'noop' | 'cancel' | 'timeout' | 'booking_changed'>>;
function askingStep(state: AskingState, event: Chosen, bounds: DialogueBounds): DialogueState | null {
  switch (state.kind) {
    case 'choosing_day':
      return fromDay(state, event, bounds);
    case 'choosing_time':
      return fromTime(state, event, bounds);
    case 'confirming':
      return fromConfirming(state, event, bounds);
    default:
      return state satisfies never;
  }
}

type Step<Kind> = (
  state: Extract<AskingState, { kind: Kind }>,
  event: Chosen,
  bounds: DialogueBounds,
) => DialogueState | null;

const fromDay: Step<'choosing_day'> = (state, event, { today, lastMonth }) => {
  switch (event.kind) {
    case 'back':
      return { kind: 'closed', to: 'menu' };
    case 'prev':
      return state.month > monthOf(today) ? { ...state, month: addMonths(state.month, -1) } : state;
    case 'next':
      return state.month < lastMonth ? { ...state, month: addMonths(state.month, 1) } : state;
    case 'day': {
      const { date } = event;
      const isOpen = isCalendarDate(date) && date >= today && monthOf(date) <= lastMonth;
      return isOpen ? { kind: 'choosing_time', date, page: 0 } : null;
    }
    case 'time':
    case 'confirm':
      return null;
    default:
      return event satisfies never;
  }
};

const fromTime: Step<'choosing_time'> = (state, event, { time_zone }) => {
  switch (event.kind) {
    case 'back':
      return { kind: 'choosing_day', month: monthOf(state.date) };
    case 'prev':
      return { ...state, page: Math.max(0, state.page - 1) };
    case 'next':
      return { ...state, page: state.page + 1 };
    case 'time': {
      const { starts_at } = event;
      return dateOf(starts_at, time_zone) === state.date ? { kind: 'confirming', starts_at } : null;
    }
    case 'day': // the second tap on the day
      return event.date === state.date ? state : null;
    case 'confirm':
      return null;
    default:
      return event satisfies never;
  }
};

const fromConfirming: Step<'confirming'> = (state, event, { time_zone }) => {
  switch (event.kind) {
    case 'back':
      return { kind: 'choosing_time', date: dateAt(new Date(state.starts_at), time_zone), page: 0 };
    case 'confirm':
      return { kind: 'done' };
    case 'time': // the second tap on the time
      return Date.parse(event.starts_at) === Date.parse(state.starts_at) ? state : null;
    case 'day':
    case 'prev':
    case 'next':
      return null;
    default:
      return event satisfies never;
  }
};

/** A state in line with what is free, and what is no longer free if that changed it. */
export interface Settled {
  state: AskingState;
  because: 'day_full' | 'time_taken' | null;
}

/** @param times the free starts of the state's day; none are looked at while a day is being chosen */
export function settle(state: AskingState, times: readonly Date[], bounds: DialogueBounds): Settled {
  switch (state.kind) {
    case 'choosing_day':
      return { state, because: null };
    case 'choosing_time':
      if (times.length === 0)
        return { state: { kind: 'choosing_day', month: monthOf(state.date) }, because: 'day_full' };
      return { state: { ...state, page: Math.min(state.page, pagesOf(times) - 1) }, because: null };
    case 'confirming': {
      const start = Date.parse(state.starts_at);
      if (times.some((time) => time.getTime() === start)) return { state, because: null };
      const date = dateAt(new Date(start), bounds.time_zone);
      const again = settle({ kind: 'choosing_time', date, page: 0 }, times, bounds);
      return { ...again, because: again.because ?? 'time_taken' };
    }
    default:
      return state satisfies never;
  }
}

/** The day whose free times a state is about; null while it is being chosen. */
export function dayOf(state: AskingState, { time_zone }: DialogueBounds): CalendarDate | null {
  switch (state.kind) {
    case 'choosing_day':
      return null;
    case 'choosing_time':
      return state.date;
    case 'confirming':
      return dateAt(new Date(state.starts_at), time_zone);
    default:
      return state satisfies never;
  }
}

export const pagesOf = (times: readonly Date[]): number => Math.max(1, Math.ceil(times.length / TIMES_PER_PAGE));

/** Null for what is no instant. */
function dateOf(instant: string, time_zone: string): CalendarDate | null {
  const at = new Date(instant);
  return Number.isNaN(at.getTime()) ? null : dateAt(at, time_zone);
}
