import type { BookingEvent, Locale } from '../domain/events.ts';
import type { Confirmation } from '../domain/no-show-ladder.ts';
import type { Audience } from '../domain/recipients.ts';

/** Telegram's inline button; `callback_data` is 1–64 bytes (Bot API, InlineKeyboardButton). */
export interface InlineButton {
  text: string;
  callback_data: string;
}

/** A message as `sendMessage` with `parse_mode: HTML` takes it. */
export interface TelegramMessage {
  /** Telegram HTML, 1–4096 UTF-16 units once parsed. */
  html: string;
  /** Rows of buttons; empty for none. */
  keyboard: InlineButton[][];
}

/** All that a booking message may state, as it stands at the moment its send is granted. */
export interface BookingFacts {
  id: number;
  client_name: string;
  client_phone: string | null;
  location_id: number | null;
  location_name: string | null;
  service_id: number;
  service_name: string;
  duration_min: number;
  starts_at: Date;
  /** The venue's IANA zone: the location's, else the company's. */
  time_zone: string;
  specialist_id: number;
  specialist_name: string;
}

export interface MessageRequest {
  event: BookingEvent;
  audience: Audience;
  locale: Locale;
  booking: BookingFacts;
  /** Whether the reader is asked to confirm, or the client has; null or missing for neither. */
  confirmation?: Confirmation | null | undefined;
  /** Said above all else to those who hear of several companies; null or missing for the others. */
  company_name?: string | null | undefined;
  /** Telegram HTML of an ad that is active and valid now, its legal line below. */
  ad_html?: string | undefined;
}

/** A message with the buttons that its reader may press. */
export interface TelegramRequest extends MessageRequest {
  /** The booking may still be changed: it stands, and has not begun. */
  open: boolean;
}
