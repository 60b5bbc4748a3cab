import { createDeliveryFactsReader, type DeliveryFacts } from '../db/booking-reads.ts';
import type { CardRow } from '../db/bot-entities.ts';
import { findCard } from '../db/cards.ts';
import type { Sql } from '../db/database.ts';
import { telegramRequest } from '../dispatch/telegram-request.ts';
import { isOpen } from '../domain/bookings.ts';
import { confirmationOf } from '../domain/no-show-ladder.ts';
import { settingsRole } from '../domain/recipients.ts';
import { type ToldEvent, toldEventSchema } from '../domain/told-event.ts';
import type { BookingCard } from '../messages/booking-card.ts';
import { TELEGRAM_TEXTS, type Texts } from '../messages/texts.ts';
import { type ReturnTo, returnToOf, type View, viewSchema } from './views.ts';

/** A message with buttons, as it is remembered; what a button has just opened counts too. */
export interface ShownCard extends Omit<CardRow, 'id' | 'event' | 'view' | 'return_to'> {
  /** What it told when it was sent; null where its reader opened the booking themselves. */
  told: ToldEvent | null;
  view: View;
  return_to: ReturnTo;
}

/** All that a view is drawn from, as it stands now. */
export interface CardDrawing {
  sql: Sql;
  now: Date;
  card: ShownCard;
  /** For the one the message was made for. */
  facts: DeliveryFacts;
  /** The same, as the renderers of `src/messages` take it. */
  request: BookingCard;
  /** In the language of the one the message was made for. */
  texts: Texts;
}

export function shownCard({ id: _, event, view, return_to, ...row }: CardRow): ShownCard {
  return {
    ...row,
    told: event === null ? null : toldEventSchema.parse(JSON.parse(event)),
    view: viewSchema.parse(JSON.parse(view)),
    return_to: returnToOf(return_to),
  };
}

/** Null when the message is not known. */
export async function findShownCard(
  sql: Sql,
  message: Pick<CardRow, 'chat_id' | 'message_id'>,
): Promise<ShownCard | null> {
  const row = await findCard(sql, message);
  return row && shownCard(row);
}

/** Null when the booking or the message's user is gone, or the chat is not theirs any more. */
export async function drawingOf(sql: Sql, card: ShownCard, now: Date): Promise<CardDrawing | null> {
  const { company_id, booking_id, user_id: userId, audience, told } = card;
  const type = told?.type ?? 'booking_created';
  const read = createDeliveryFactsReader({ read: () => sql });
  const facts = await read({ company_id, booking_id, type }, { userId, role: settingsRole(audience) });
  if (!facts || facts.user.tg_id !== card.chat_id) return null;
  if (audience === 'admin' && facts.user.role !== 'admin') return null;
  const sent = told && telegramRequest({ event: told, audience, facts }, { sentAt: card.sent_at, now });
  const request: BookingCard = {
    told,
    audience,
    locale: facts.user.locale,
    booking: facts.booking,
    state: facts.state,
    company_name: facts.company_name,
    ad_html: sent?.ad_html,
    open: isOpen(facts.state, now),
    returnTo: card.return_to,
    confirmation: confirmationOf({ event: told, audience }, facts.state, facts.ladder),
    by: card.view.kind === 'notification' ? card.view.by : undefined,
    lost: audience === 'specialist' && facts.state.specialist_id !== userId,
  };
  return { sql, now, card, facts, request, texts: TELEGRAM_TEXTS[facts.user.locale] };
}
