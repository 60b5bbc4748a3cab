import type { BookingEventType } from '../domain/events.ts';
import { renderCancelled } from './booking-cancelled.ts';
import { renderCreated } from './booking-created.ts';
import { renderReminder } from './booking-reminder.ts';
import type { BookingRenderer } from './booking-renderer.ts';
import { renderRescheduled } from './booking-rescheduled.ts';
import type { InlineButton, MessageRequest, TelegramMessage } from './message.ts';
import { TEXTS, type Texts } from './texts.ts';

const RENDERERS: Record<BookingEventType, BookingRenderer> = {
  booking_created: renderCreated,
  booking_cancelled: renderCancelled,
  booking_rescheduled: renderRescheduled,
  booking_reminder: renderReminder,
};

/**
 * The message for one recipient, valid for `sendMessage` as long as the ad keeps to AD_MAX_LENGTH.
 * @throws {RangeError} the booking's time zone is unknown.
 */
export function renderBookingMessage(request: MessageRequest): TelegramMessage {
  const texts = TEXTS[request.locale];
  const { header, facts, closing } = RENDERERS[request.event.type](request, texts);
  const parts = [header, facts.join('\n'), closing, request.ad_html];
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
