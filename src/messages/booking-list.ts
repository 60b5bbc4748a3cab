import type { Locale, RecipientRole } from '../domain/events.ts';
import type { InlineButton, TelegramMessage } from './message.ts';
import { PLAIN_TEXTS, TELEGRAM_TEXTS, type Texts } from './texts.ts';
import { formatVenueClock, formatVenueDate } from './venue-time.ts';

export type ListKind = 'bookings' | 'today';

/** A booking as its reader sees it in a list. */
export interface ListItem {
  id: number;
  /** The reader's place in it. */
  role: RecipientRole;
  starts_at: Date;
  ends_at: Date;
  duration_min: number;
  status: 'created' | 'cancelled' | 'completed' | 'no_show';
  /** It may still be changed. */
  open: boolean;
  client_name: string;
  specialist_name: string;
  service_name: string;
  location_name: string | null;
  time_zone: string;
  /** Null where the reader has to do with one company only. */
  company_name: string | null;
}

export interface ListPage {
  kind: ListKind;
  locale: Locale;
  items: readonly ListItem[];
  /** From 0. */
  page: number;
  pages: number;
  /** The number of the first item, from 1. */
  firstNumber: number;
  total: number;
  /** There are more than `total`, which are left out. */
  isCut: boolean;
  now: Date;
  /** The zone that says which day today is. */
  time_zone: string;
}

/** One page of somebody's bookings, each with a button that opens it; a booking's number is that of its button. */
export function renderBookingList(list: ListPage): TelegramMessage {
  const texts = TELEGRAM_TEXTS[list.locale];
  const items = list.items.map((item, index) => itemText(item, list.firstNumber + index, list, texts));
  const footer = list.pages > 1 ? texts.say('bot.page', { page: list.page + 1, pages: list.pages }) : null;
  return {
    html: [headerOf(list, texts), ...items, footer].filter((part) => part !== null).join('\n\n'),
    keyboard: [buttonsOf(list), turnButtons(list)].filter((row) => row.length > 0),
  };
}

function headerOf({ kind, locale, total, isCut, now, time_zone }: ListPage, texts: Texts): string {
  const values = { count: total, most: total, date: formatVenueDate(now, time_zone, locale) };
  if (total === 0) return texts.say(`bot.${kind}_none`, { date: values.date });
  if (isCut) return texts.say(`bot.${kind}_first`, { most: total, date: values.date });
  return texts.say(`bot.${kind}`, values);
}

const OUTCOME: Record<ListItem['status'], string> = { created: '🕐', completed: '✅', no_show: '🚫', cancelled: '❌' };

function itemText(item: ListItem, number: number, { kind }: ListPage, texts: Texts): string {
  const { role, starts_at, ends_at, time_zone } = item;
  const clock = (at: Date): string => formatVenueClock(at, time_zone);
  const time = kind === 'today' ? `${clock(starts_at)}–${clock(ends_at)}` : texts.time(starts_at, time_zone);
  const isStaff = role !== 'client';
  const lines = [
    `<b>${number}.</b> ${OUTCOME[item.status]} ${time}${isStaff ? ` · #${item.id}` : ''}`,
    isStaff && texts.say('fact.client', { name: item.client_name }),
    texts.say('fact.service', { name: item.service_name, minutes: item.duration_min }),
    role !== 'specialist' && texts.say('fact.specialist', { name: item.specialist_name }),
    item.location_name && texts.say('fact.location', { name: item.location_name }),
    item.company_name && texts.say('fact.company', { name: item.company_name }),
  ];
  return lines.filter((line) => line).join('\n');
}

function buttonsOf({ kind, items, firstNumber }: ListPage): InlineButton[] {
  return items.flatMap(({ id, open }, index) =>
    open ? [{ text: `✏️ ${firstNumber + index}`, callback_data: `bke:menu:${id}:${kind}` }] : [],
  );
}

function turnButtons({ kind, locale, page, pages }: ListPage): InlineButton[] {
  const plain = PLAIN_TEXTS[locale];
  const earlier = { text: plain.say('bot.button_earlier'), callback_data: `bkl:${kind}:${page - 1}` };
  const later = { text: plain.say('bot.button_later'), callback_data: `bkl:${kind}:${page + 1}` };
  return [...(page > 0 ? [earlier] : []), ...(page + 1 < pages ? [later] : [])];
}
