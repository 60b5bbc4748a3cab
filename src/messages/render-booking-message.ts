import { bookingButtons } from './booking-buttons.ts';
import { confirmationLine } from './booking-confirmation.ts';
import type { FactLine } from './booking-facts.ts';
import { BOOKING_RENDERERS } from './booking-renderers.ts';
import { fitsMessage } from './check-html.ts';
import type { MessageRequest, TelegramMessage, TelegramRequest } from './message.ts';
import { TELEGRAM_TEXTS } from './texts.ts';

/** Parts that there are none of leave no trace; above them the company, for those who hear of several. */
export function messageHtml(
  { locale, company_name }: Pick<MessageRequest, 'locale' | 'company_name'>,
  parts: readonly (string | null | undefined)[],
): string {
  const company = company_name ? TELEGRAM_TEXTS[locale].say('fact.company', { name: company_name }) : null;
  return [company, ...parts].filter((part) => part).join('\n\n');
}

export const linesOf = (facts: readonly FactLine[]): string => facts.map(({ text }) => text).join('\n');

/** With the ad where Telegram takes it so, else without. */
export function withAd(request: Parameters<typeof messageHtml>[0], parts: PartsWithAd): string {
  const { above, ad_html, below = [] } = parts;
  const html = messageHtml(request, [...above, ad_html, ...below]);
  return fitsMessage(html) ? html : messageHtml(request, [...above, ...below]);
}

interface PartsWithAd {
  above: readonly (string | null)[];
  ad_html: string | undefined;
  below?: readonly (string | null)[];
}

/**
 * The message for one recipient, a blank line between its parts; always valid for `sendMessage`.
 * @throws {RangeError} the booking's time zone is unknown.
 */
export function renderBookingMessage(request: TelegramRequest): TelegramMessage {
  const texts = TELEGRAM_TEXTS[request.locale];
  const { header, facts, closing } = BOOKING_RENDERERS[request.event.type](request, texts);
  const last = confirmationLine(request, texts) ?? closing ?? null;
  return {
    html: withAd(request, { above: [header, linesOf(facts), last], ad_html: request.ad_html }),
    keyboard: bookingButtons({ ...request, bookingId: request.booking.id, returnTo: 'card' }, texts),
  };
}
