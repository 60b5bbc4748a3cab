import { BOOKING_RENDERERS } from './booking-renderers.ts';
import type { InlineButton, MessageRequest, TelegramMessage } from './message.ts';
import { TELEGRAM_TEXTS, type Texts } from './texts.ts';

/**
 * The message for one recipient, a blank line between its parts; valid for `sendMessage` as long as the ad keeps to
 * AD_MAX_LENGTH.
 * @throws {RangeError} the booking's time zone is unknown.
 */
export function renderBookingMessage(request: MessageRequest): TelegramMessage {
  const texts = TELEGRAM_TEXTS[request.locale];
  const { header, facts, closing } = BOOKING_RENDERERS[request.event.type](request, texts);
  const parts = [header, facts.map(({ text }) => text).join('\n'), closing, request.ad_html];
  return {
    html: parts.filter((part) => part).join('\n\n'),
    keyboard: request.audience === 'admin' ? adminKeyboard(request.booking.id, texts) : [],
  };
}

function adminKeyboard(bookingId: number, texts: Texts): InlineButton[][] {
  return [
    [
      { text: texts.say('button.edit'), callback_data: `bkn:edit:${bookingId}` },
      { text: texts.say('button.hide'), callback_data: `bkn:hide:${bookingId}` },
    ],
  ];
}
