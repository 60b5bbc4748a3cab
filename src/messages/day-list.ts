import type { Locale } from '../domain/events.ts';
import { MESSAGE_MAX_LENGTH } from './limits.ts';
import type { TelegramMessage } from './message.ts';
import { messageHtml } from './render-booking-message.ts';
import { parseTelegramHtml } from './telegram-html.ts';
import { PLAIN_TEXTS, TELEGRAM_TEXTS, type Texts } from './texts.ts';
import { formatVenueClock, formatVenueDate } from './venue-time.ts';

/** A booking as the specialist reads it in the list of their day. */
interface DayListItem {
  id: number;
  starts_at: Date;
  duration_min: number;
  client_name: string;
  service_name: string;
  location_name: string | null;
  /** The venue's. */
  time_zone: string;
}

export interface DayList {
  locale: Locale;
  /** The day is that of `now` in the company's zone. */
  now: Date;
  time_zone: string;
  /** Null where the reader has to do with one company only. */
  company_name: string | null;
  /** Else nobody needs to be told where to go. */
  hasSeveralLocations: boolean;
  /** In their order; at least one. */
  items: readonly DayListItem[];
  /** There may be more than `items`. */
  total: number;
}

const BETWEEN_PARTS = '\n\n'.length;

/** As many bookings as one message holds, and how many there are beyond. */
export function renderDayList(list: DayList): TelegramMessage {
  const texts = TELEGRAM_TEXTS[list.locale];
  const date = formatVenueDate(list.now, list.time_zone, list.locale);
  const header = texts.say('bot.today', { count: list.total, date });
  const more = (count: number) => (count > 0 ? texts.say('day.more', { count }) : null);
  // The line about all of them is as long as any that may be needed.
  const around = shownLength(messageHtml(list, [header, more(list.total)]));
  const items = fitting(
    list.items.map((item) => itemText(item, list, texts)),
    MESSAGE_MAX_LENGTH - around,
  );
  return { html: messageHtml(list, [header, ...items, more(list.total - items.length)]), keyboard: [] };
}

function itemText(item: DayListItem, { hasSeveralLocations }: DayList, texts: Texts): string {
  const { id, starts_at, time_zone, client_name, service_name, duration_min, location_name } = item;
  const lines = [
    `🕐 <b>${formatVenueClock(starts_at, time_zone)}</b> · #${id}`,
    texts.say('fact.client', { name: client_name }),
    texts.say('fact.service', { name: service_name, minutes: duration_min }),
    hasSeveralLocations && location_name && texts.say('fact.location', { name: location_name }),
  ];
  return lines.filter((line) => line).join('\n');
}

function fitting(parts: readonly string[], room: number): readonly string[] {
  let left = room;
  const firstTooMany = parts.findIndex((part) => {
    left -= shownLength(part) + BETWEEN_PARTS;
    return left < 0;
  });
  return firstTooMany < 0 ? parts : parts.slice(0, firstTooMany);
}

/** UTF-16 units as Telegram counts them. */
function shownLength(html: string): number {
  const parsed = parseTelegramHtml(html);
  return parsed.ok ? parsed.text.length : html.length;
}

/** What a push notification says of the day; plain text. */
export function renderDayPush({ locale, items, total, company_name }: DayList): { title: string; body: string } {
  const texts = PLAIN_TEXTS[locale];
  const [first] = items;
  const time = first ? formatVenueClock(first.starts_at, first.time_zone) : '';
  const lines = items.map(({ starts_at, time_zone, client_name, service_name }) =>
    texts.say('day.push_line', {
      time: formatVenueClock(starts_at, time_zone),
      client: client_name,
      service: service_name,
    }),
  );
  const company = company_name ? [texts.say('fact.company', { name: company_name })] : [];
  return {
    title: total === 1 ? texts.say('day.push_only', { time }) : texts.say('day.push', { count: total, time }),
    body: [...company, ...lines].join('\n'),
  };
}
