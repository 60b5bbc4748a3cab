import { confirmationLine } from './booking-confirmation.ts';
import { BOOKING_RENDERERS } from './booking-renderers.ts';
import type { MessageRequest } from './message.ts';
import { PLAIN_TEXTS } from './texts.ts';

/** What a push notification says; plain text. */
export interface BookingPush {
  title: string;
  body: string;
}

/**
 * The notification for one recipient, of the same words as the message in Telegram. The time goes first: a folded
 * notification shows one line. Neither ad nor greeting; the page that a click opens has room for both.
 * @throws {RangeError} the booking's time zone is unknown.
 */
export function renderBookingPush(request: Omit<MessageRequest, 'ad_html'>): BookingPush {
  const texts = PLAIN_TEXTS[request.locale];
  const { header, facts } = BOOKING_RENDERERS[request.event.type](request, texts);
  const question = request.confirmation?.kind === 'asked' ? confirmationLine(request, texts) : null;
  const time = facts.filter(({ fact }) => fact === 'time');
  const others = facts.filter(({ fact }) => fact !== 'time');
  const lines = [...time, ...others].map(({ text }) => text);
  return { title: header, body: [...lines, ...(question ? [question] : [])].join('\n') };
}
