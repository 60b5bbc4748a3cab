import { type BookingSchedule, type BookingStatus, bookingState } from '../domain/bookings.ts';
import type { Locale, RecipientRole } from '../domain/events.ts';
import type { Confirmation } from '../domain/no-show-ladder.ts';
import type { Audience } from '../domain/recipients.ts';
import type { ToldEvent } from '../domain/told-event.ts';
import { type ButtonsRequest, bookingButtons, confirmCancelButtons, menuButtons } from './booking-buttons.ts';
import { confirmationLine } from './booking-confirmation.ts';
import { factLines } from './booking-facts.ts';
import { BOOKING_RENDERERS } from './booking-renderers.ts';
import type { BookingFacts, TelegramMessage } from './message.ts';
import { linesOf, messageHtml, renderBookingMessage } from './render-booking-message.ts';
import { TELEGRAM_TEXTS, type Texts } from './texts.ts';

/** A message about a booking that is kept as the booking stands. */
export interface BookingCard {
  /** What it told when it was sent; null where its reader opened the booking themselves. */
  told: ToldEvent | null;
  audience: Audience;
  locale: Locale;
  booking: BookingFacts;
  state: BookingSchedule & { status: BookingStatus; version: number };
  company_name?: string | null | undefined;
  /** The ad that was sent with it. */
  ad_html?: string | undefined;
  /** The booking may still be changed: it stands, and has not begun. */
  open: boolean;
  returnTo: ButtonsRequest['returnTo'];
  confirmation?: Confirmation | null | undefined;
  /** The role of who cancelled it, where that is known. */
  by?: RecipientRole | undefined;
  /** The booking has been given to another specialist: its reader learns nothing more of it. */
  lost: boolean;
}

/** As it was sent while the booking stands as told; after that with the facts of now, and what became of it. */
export function renderCard(card: BookingCard): TelegramMessage {
  return { html: cardHtml(card), keyboard: bookingButtons(buttonsOf(card), TELEGRAM_TEXTS[card.locale]) };
}

/** The same card with what may be done. */
export function renderCardMenu(card: BookingCard): TelegramMessage {
  return { html: cardHtml(card), keyboard: menuButtons(buttonsOf(card), TELEGRAM_TEXTS[card.locale]) };
}

/** Asks before the booking is cancelled. */
export function renderConfirmCancel(card: BookingCard): TelegramMessage {
  const { audience, booking } = card;
  const texts = TELEGRAM_TEXTS[card.locale];
  const question = audience === 'client' ? 'card.client_confirm_cancel' : 'card.confirm_cancel';
  return {
    html: messageHtml(card, [texts.say(question, { id: booking.id }), linesOf(factLines(audience, booking, texts))]),
    keyboard: confirmCancelButtons(buttonsOf(card), texts),
  };
}

function buttonsOf({ booking, audience, open, lost, returnTo, confirmation }: BookingCard): ButtonsRequest {
  return { bookingId: booking.id, audience, open: open && !lost, returnTo, confirmation };
}

function cardHtml(card: BookingCard): string {
  const { told, audience, booking } = card;
  const texts = TELEGRAM_TEXTS[card.locale];
  if (card.lost) return lostHtml(card, texts);
  if (told && standsAsTold(told, card.state)) return renderBookingMessage({ ...card, event: told }).html;
  const facts = linesOf(factLines(audience, booking, texts));
  return messageHtml(card, [headerOf(card, texts), facts, statusLine(card, texts), confirmationLine(card, texts)]);
}

/** A booking that was moved away and back stands as told again. */
function standsAsTold({ told_version, change }: ToldEvent, state: BookingCard['state']): boolean {
  if (told_version === state.version) return true;
  if (change?.version !== told_version || state.status !== 'created') return false;
  return JSON.stringify(bookingState(state)) === JSON.stringify(bookingState(toldSchedule(change.to)));
}

const toldSchedule = (to: NonNullable<ToldEvent['change']>['to']): BookingSchedule => ({
  ...to,
  starts_at: new Date(to.starts_at),
});

/** What was news then, of the booking as it was then. */
function headerOf(card: BookingCard, texts: Texts): string {
  const { told, audience } = card;
  // Whether somebody must be called is of the moment: later only what became of it counts.
  if (!told || told.type === 'booking_unconfirmed')
    return texts.say(audience === 'client' ? 'card.client_header' : 'card.header', { id: card.booking.id });
  const booking = told.change ? { ...card.booking, ...toldSchedule(told.change.to) } : card.booking;
  return BOOKING_RENDERERS[told.type]({ ...card, event: told, booking }, texts).header;
}

function statusLine({ told, audience, state, by }: BookingCard, texts: Texts): string | null {
  const isClient = audience === 'client';
  switch (state.status) {
    case 'created': {
      if (!told) return null;
      const hasMoved = told.change && Date.parse(told.change.to.starts_at) !== state.starts_at.getTime();
      return texts.say(hasMoved ? 'card.moved' : 'card.changed');
    }
    case 'cancelled':
      return texts.say(isClient ? 'card.client_cancelled' : 'card.cancelled', {}, by);
    case 'completed':
      return texts.say('card.completed');
    case 'no_show':
      return texts.say(isClient ? 'card.client_no_show' : 'card.no_show');
    default:
      return state.status satisfies never;
  }
}

/** They know the booking by the time it had with them. */
function lostHtml(card: BookingCard, texts: Texts): string {
  const { told, booking } = card;
  const asTheyKnewIt = told?.change && { ...booking, ...toldSchedule(told.change.to) };
  const facts = asTheyKnewIt && linesOf(factLines('former_specialist', asTheyKnewIt, texts));
  return messageHtml(card, [texts.say('specialist.lost', { id: booking.id }), facts]);
}
