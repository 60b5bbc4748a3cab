import type { BookingEventType, BookingState, Initiator, Locale } from '../domain/events.ts';
import type { Audience } from '../domain/recipients.ts';
import type { BookingFacts, TelegramRequest } from './message.ts';
import { renderBookingMessage } from './render-booking-message.ts';

/** The booking of the product's sample card: 28 January 2026, 14:00 in Moscow. */
export const BOOKING: BookingFacts = {
  id: 123,
  client_name: 'Иван Петров',
  client_phone: '+7 999 123-45-67',
  location_id: 4,
  location_name: 'Центр',
  service_id: 3,
  service_name: 'Стрижка',
  duration_min: 60,
  starts_at: new Date('2026-01-28T11:00:00Z'),
  time_zone: 'Europe/Moscow',
  specialist_id: 2,
  specialist_name: 'Анна',
};

/** The state in which `BOOKING` stands. */
const STATE: BookingState = {
  starts_at: '2026-01-28T11:00:00.000Z',
  specialist_id: 2,
  service_id: 3,
  location_id: 4,
  duration_min: 60,
};

export interface Sample {
  type: BookingEventType;
  audience: Audience;
  by?: Initiator['role'];
  locale?: Locale;
  booking?: Partial<BookingFacts>;
  /** What was otherwise before the event; leave out for an event without `change`. */
  was?: Partial<BookingState>;
  /** Versions of the moves that the event tells in one. */
  merged?: number[];
  ad_html?: string;
}

export function sampleRequest({
  type,
  audience,
  by = 'system',
  locale = 'ru',
  was,
  merged,
  ...rest
}: Sample): TelegramRequest {
  return {
    event: {
      id: 'e1',
      type,
      company_id: 1,
      booking_id: 123,
      initiated_by: { user_id: null, role: by, channel: 'api' },
      ts: 1_769_000_000,
      ...(was && { change: { version: 2, from: { ...STATE, ...was }, to: STATE } }),
      ...(merged && { merged }),
    },
    audience,
    locale,
    booking: { ...BOOKING, ...rest.booking },
    ad_html: rest.ad_html,
    open: type !== 'booking_cancelled',
  };
}

/** The sample's message as Telegram HTML. */
export function sampleHtml(sample: Sample): string {
  return renderBookingMessage(sampleRequest(sample)).html;
}
