import type { TestContext } from 'node:test';
import { Composer } from 'grammy';
import { type BookingService, createBookingService } from '#src/bookings/booking-service.ts';
import { bookingListHandlers } from '#src/bot/booking-lists.ts';
import type { BotContext } from '#src/bot/bot-context.ts';
import type { BotResponse } from '#src/bot/bot-response.ts';
import { findShownCard, type ShownCard } from '#src/bot/card-drawing.ts';
import { confirmationHandlers } from '#src/bot/confirmation.ts';
import { editFlowHandlers } from '#src/bot/edit-flow.ts';
import { createDeliveryFactsReader } from '#src/db/booking-reads.ts';
import { findBooking } from '#src/db/booking-rows.ts';
import { recordCards } from '#src/db/cards.ts';
import type { BookingRow } from '#src/db/entities.ts';
import { OutboxRow } from '#src/db/event-entities.ts';
import { telegramRequest } from '#src/dispatch/telegram-request.ts';
import { bookingState, isConfirmed } from '#src/domain/bookings.ts';
import { type BookingEvent, type RecipientRole, SYSTEM_INITIATOR } from '#src/domain/events.ts';
import { toldBy } from '#src/domain/told-event.ts';
import type { TelegramMessage } from '#src/messages/message.ts';
import { renderBookingMessage } from '#src/messages/render-booking-message.ts';
import { createTestBot, type TestBot } from './handler-bot.ts';
import { type CompanyRow, openPeopleBot, type PeopleBot, type UserRow } from './people.ts';

export const CLIENT = 1001;
export const SPECIALIST = 1002;
export const ADMIN = 1003;
export const OTHER_ADMIN = 1004;
/** The number of the messages that `deliver` sends. */
export const MESSAGE = 10;

/** A salon with a booking of tomorrow, and the bot's handlers of cards and lists. */
export interface CardBot extends Omit<PeopleBot, 'bot'> {
  bot: TestBot;
  bookings: BookingService;
  salon: CompanyRow;
  client: UserRow;
  specialist: UserRow;
  admin: UserRow;
  otherAdmin: UserRow;
  bookingId: number;
  /** The user's chat gets the message that the booking was made, or of another event. */
  deliver(user: UserRow, audience: RecipientRole, about?: Partial<BookingEvent>): Promise<TelegramMessage>;
  bookingNow(id?: number): Promise<BookingRow | null>;
  card(chatId: number): Promise<ShownCard | null>;
  events(): Promise<BookingEvent[]>;
}

export async function openCardBot(t: TestContext): Promise<CardBot> {
  const people = await openPeopleBot(t);
  const { database } = people;
  let eventNumber = 0;
  const bookings = createBookingService({
    database,
    clock: () => bot.now,
    newId: () => `event-${++eventNumber}`,
    onCommitted: () => undefined,
  });
  const composer = new Composer<BotContext>();
  composer.use(editFlowHandlers({ bookings }), confirmationHandlers({ bookings }), bookingListHandlers());
  const bot = createTestBot(t, composer, database);

  const salon = await people.company();
  const client = await people.user(salon, 'client', { tg_id: CLIENT, phone: '+7 999 123-45-67' });
  const specialist = await people.user(salon, 'specialist', { tg_id: SPECIALIST, name: 'Анна' });
  const admin = await people.user(salon, 'admin', { tg_id: ADMIN, name: 'Ольга' });
  const otherAdmin = await people.user(salon, 'admin', { tg_id: OTHER_ADMIN, name: 'Max', locale: 'en' });
  const starts_at = new Date('2026-11-24T11:00:00Z');
  const bookingId = await people.book(salon, { client, specialist }, { starts_at });

  const bookingNow: CardBot['bookingNow'] = (id = bookingId) => findBooking(database.read(), id);

  async function deliver(user: UserRow, audience: RecipientRole, about: Partial<BookingEvent> = {}) {
    const booking = await bookingNow();
    const chat_id = user.tg_id;
    if (!booking || chat_id === null) throw new Error('nobody to tell');
    const { company_id, id: booking_id, version } = booking;
    const event: BookingEvent = {
      ...{ id: 'created', type: 'booking_created', company_id, booking_id },
      ...{ initiated_by: SYSTEM_INITIATOR, ts: 1_795_000_000 },
      change: { version, from: null, to: bookingState(booking) },
      ...about,
    };
    const facts = await createDeliveryFactsReader(database)(event, { userId: user.id, role: audience });
    if (!facts) throw new Error('no facts');
    const told = JSON.stringify(toldBy(event, version));
    const place = { chat_id, message_id: MESSAGE, company_id, booking_id, user_id: user.id, audience };
    const shown = { event: told, view: '{"kind":"notification"}', return_to: 'card', version, sent_at: bot.now };
    const is_confirmed = isConfirmed(facts.state);
    await database.write((tx) => recordCards(tx, [{ ...place, ...shown, is_confirmed }]));
    const moments = { sentAt: bot.now, now: bot.now };
    return renderBookingMessage(telegramRequest({ event, audience, facts }, moments));
  }

  return {
    ...people,
    ...{ bot, bookings, salon, client, specialist, admin, otherAdmin, bookingId, deliver, bookingNow },
    card: (chat_id) => findShownCard(database.read(), { chat_id, message_id: MESSAGE }),
    async events() {
      const rows = await database.read().find(OutboxRow, {}, { orderBy: { id: 'asc' } });
      return rows.map(({ event }) => JSON.parse(event));
    },
  };
}

/** A button of the chat's message. */
export const press = (bot: CardBot, chat: number, data: string, from = chat) =>
  bot.bot.press(from, chat, MESSAGE, data);

/** What the button’s waiting ended with. */
export const answerOf = (said: BotResponse[]) => said.flatMap((one) => (one.kind === 'answer' ? [one.text] : []));

export const shownIn = ({ bot }: CardBot, chat: number) => bot.messages(chat).at(-1);

export const textOf = (bot: CardBot, chat: number) => shownIn(bot, chat)?.text ?? '';

export const buttonsOf = (bot: CardBot, chat: number) =>
  shownIn(bot, chat)?.keyboard.map((row) => row.map(({ callback_data }) => callback_data)) ?? [];

/** Asks, and confirms. */
export async function cancel(bot: CardBot, chat: number, returnTo = 'card', from = chat): Promise<BotResponse[]> {
  await press(bot, chat, `bke:cancel:${bot.bookingId}:${returnTo}`, from);
  return await press(bot, chat, `bke:confirm_cancel:${bot.bookingId}:${returnTo}`, from);
}

/** To the day after, without news. */
export const moveByApi = ({ bookings, bookingId: id }: CardBot, change = {}) =>
  bookings.commit((tx) =>
    bookings.reschedule(
      tx,
      id,
      { starts_at: new Date('2026-11-25T12:30:00Z'), allow_overlap: false, notify: false, ...change },
      { user_id: null, role: 'system', channel: 'api' },
    ),
  );
