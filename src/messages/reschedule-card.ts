import { DateTime, Info } from 'luxon';
import type { Locale } from '../domain/events.ts';
import { type DialogueBounds, type DialoguePress, pagesOf, TIMES_PER_PAGE } from '../domain/reschedule-dialogue.ts';
import { addDays, type CalendarDate, type CalendarMonth, daysOf, monthOf, weekdayOf } from '../domain/venue-clock.ts';
import type { BookingCard } from './booking-card.ts';
import { NOTHING_NEW } from './booking-change.ts';
import { factLines } from './booking-facts.ts';
import type { InlineButton, TelegramMessage } from './message.ts';
import { linesOf, messageHtml } from './render-booking-message.ts';
import { pressData } from './reschedule-buttons.ts';
import { TELEGRAM_TEXTS } from './texts.ts';

const TIMES_PER_ROW = 4;
const DAYS_PER_WEEK = 7;
/** A day or a direction that cannot be chosen: Telegram has no empty buttons. */
const NOTHING_THERE = button('·', { kind: 'noop' });

export interface DayChoice {
  month: CalendarMonth;
  bounds: DialogueBounds;
  freeDays: ReadonlySet<CalendarDate>;
}

/** A month, its weeks from Monday on; those that are over are left out. */
export function renderDayChoice(card: BookingCard, { month, bounds, freeDays }: DayChoice): TelegramMessage {
  const texts = TELEGRAM_TEXTS[card.locale];
  const title = capitalized(local(`${month}-01`, card.locale).toFormat('LLLL yyyy'));
  const days = daysOf(month).filter((date) => lastOfWeek(date) >= bounds.today);
  const before = Array.from({ length: weekdayOf(days[0] ?? '') }, () => NOTHING_THERE);
  const cells = days.map((date) =>
    freeDays.has(date) ? button(String(Number(date.slice(-2))), { kind: 'day', date }) : NOTHING_THERE,
  );
  const missing = (DAYS_PER_WEEK - ((before.length + cells.length) % DAYS_PER_WEEK)) % DAYS_PER_WEEK;
  const after = Array.from({ length: missing }, () => NOTHING_THERE);
  const pager = pagerRow(title, { hasPrevious: month > monthOf(bounds.today), hasNext: month < bounds.lastMonth });
  const weekdays = Info.weekdays('short', { locale: card.locale }).map((name) =>
    button(capitalized(name), { kind: 'noop' }),
  );
  return {
    html: dialogueHtml(card, texts.say(freeDays.size > 0 ? 'dialogue.choose_day' : 'dialogue.no_days')),
    keyboard: [pager, weekdays, ...rowsOf([...before, ...cells, ...after], DAYS_PER_WEEK), leaveRow(card)],
  };
}

export interface TimeChoice {
  date: CalendarDate;
  page: number;
  time_zone: string;
  times: readonly Date[];
}

export function renderTimeChoice(card: BookingCard, { date, page, time_zone, times }: TimeChoice): TelegramMessage {
  const texts = TELEGRAM_TEXTS[card.locale];
  const day = capitalized(local(date, card.locale).toFormat('cccc, d MMMM'));
  const pages = pagesOf(times);
  const buttons = timeButtons(times, time_zone).slice(page * TIMES_PER_PAGE, (page + 1) * TIMES_PER_PAGE);
  const title = texts.say('dialogue.page', { page: page + 1, pages });
  return {
    html: dialogueHtml(card, texts.say('dialogue.choose_time', { day })),
    keyboard: [
      ...rowsOf(buttons, TIMES_PER_ROW),
      ...(pages > 1 ? [pagerRow(title, { hasPrevious: page > 0, hasNext: page < pages - 1 })] : []),
      leaveRow(card),
    ],
  };
}

/** The old time and the new one. */
export function renderMoveQuestion(card: BookingCard, { starts_at }: { starts_at: Date }): TelegramMessage {
  const texts = TELEGRAM_TEXTS[card.locale];
  return {
    html: dialogueHtml(card, texts.say('dialogue.confirm'), starts_at),
    keyboard: [[button(texts.say('dialogue.yes'), { kind: 'confirm' })], leaveRow(card)],
  };
}

function dialogueHtml(card: BookingCard, question: string, movedTo?: Date): string {
  const { audience, booking } = card;
  const texts = TELEGRAM_TEXTS[card.locale];
  const header = texts.say(audience === 'client' ? 'dialogue.client_header' : 'dialogue.header', { id: booking.id });
  const facts = movedTo
    ? factLines(audience, { ...booking, starts_at: movedTo }, texts, {
        ...NOTHING_NEW,
        previousStart: booking.starts_at,
      })
    : factLines(audience, booking, texts);
  return messageHtml(card, [header, linesOf(facts), question]);
}

/** A time that comes twice that day says which of the two it is, by its distance from UTC. */
function timeButtons(times: readonly Date[], time_zone: string): InlineButton[] {
  const clocks = times.map((time) => DateTime.fromJSDate(time, { zone: time_zone }));
  const labels = clocks.map((clock) => clock.toFormat('HH:mm'));
  return clocks.map((clock, index) => {
    const label = labels[index] ?? '';
    const comesTwice = labels.indexOf(label) !== labels.lastIndexOf(label);
    const starts_at = clock.toJSDate().toISOString();
    return button(comesTwice ? `${label} (UTC${clock.toFormat('Z')})` : label, { kind: 'time', starts_at });
  });
}

function pagerRow(title: string, { hasPrevious, hasNext }: { hasPrevious: boolean; hasNext: boolean }): InlineButton[] {
  return [
    hasPrevious ? button('‹', { kind: 'prev' }) : NOTHING_THERE,
    button(title, { kind: 'noop' }),
    hasNext ? button('›', { kind: 'next' }) : NOTHING_THERE,
  ];
}

function leaveRow({ locale }: BookingCard): InlineButton[] {
  const texts = TELEGRAM_TEXTS[locale];
  return [button(texts.say('button.back'), { kind: 'back' }), button(texts.say('dialogue.leave'), { kind: 'cancel' })];
}

function button(text: string, press: DialoguePress): InlineButton {
  return { text, callback_data: pressData(press) };
}

function rowsOf(buttons: readonly InlineButton[], width: number): InlineButton[][] {
  const rows: InlineButton[][] = [];
  for (let start = 0; start < buttons.length; start += width) rows.push(buttons.slice(start, start + width));
  return rows;
}

const lastOfWeek = (date: CalendarDate): CalendarDate => addDays(date, DAYS_PER_WEEK - 1 - weekdayOf(date));

/** A date without a zone, for its words. */
const local = (date: CalendarDate, locale: Locale): DateTime => DateTime.fromISO(date, { zone: 'UTC', locale });

const capitalized = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
