import assert from 'node:assert/strict';
import type { PressedButton } from '#sandbox/telegram/virtual-user.ts';
import { Card } from '#src/db/bot-entities.ts';
import { Booking, User } from '#src/db/entities.ts';
import { BOT_TOKEN } from './bot.ts';
import { eventually } from './eventually.ts';
import type { Salon } from './salon.ts';
import type { Vestnik } from './vestnik.ts';

const FIRST_CHAT = 50_000;
const HOUR_MS = 3_600_000;
/** No two crowds of a test share chats. */
let nextChat = FIRST_CHAT;

/** A client with a booking of their own, whose menu stands open in their chat. */
export interface CrowdMember {
  chat: number;
  userId: number;
  bookingId: number;
  messageId: number;
}

const menu = (id: number) => ({
  inline_keyboard: [[{ text: '❌', callback_data: `bke:cancel:${id}:card` }]],
});

/** The bot's message, sent as the bot itself does: the simulator knows no other way. */
async function send({ telegram }: Vestnik, chat: number, bookingId: number): Promise<number> {
  const response = await fetch(`${telegram.apiRoot}/bot${BOT_TOKEN}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id: chat, text: 'menu', reply_markup: menu(bookingId) }),
  });
  const { result } = (await response.json()) as { result: { message_id: number } };
  return result.message_id;
}

/** So many clients of the salon, put straight into the database: nobody is told of their bookings. */
export async function openCrowd(vestnik: Vestnik, salon: Salon, size: number): Promise<CrowdMember[]> {
  const { database, telegram } = vestnik;
  const now = new Date();
  const company = { company_id: salon.companyId, created_at: now };
  const chats = Array.from({ length: size }, () => nextChat++);
  for (const id of chats) telegram.registerUser({ id, first_name: `client ${id}` });
  const rows = await database.write(async (tx) => {
    const made: { chat: number; userId: number; bookingId: number }[] = [];
    for (const [n, chat] of chats.entries()) {
      const person = { role: 'client', name: `Клиент ${n}`, tg_id: chat, locale: 'ru', ads_opt_out: false } as const;
      const userId = await tx.insert(User, { ...company, ...person });
      const starts_at = new Date(Date.UTC(2027, 0, 1) + n * HOUR_MS);
      const time = { starts_at, ends_at: new Date(starts_at.getTime() + HOUR_MS), duration_min: 60 };
      const state = { status: 'created', version: 1, location_id: null, external_id: null, updated_at: now } as const;
      const people = { client_id: userId, specialist_id: salon.people.specialist.id, service_id: salon.serviceId };
      made.push({ chat, userId, bookingId: await tx.insert(Booking, { ...company, ...people, ...time, ...state }) });
    }
    return made;
  });
  const crowd = await Promise.all(
    rows.map(async (row) => ({ ...row, messageId: await send(vestnik, row.chat, row.bookingId) })),
  );
  await database.write(async (tx) => {
    for (const { chat, userId, bookingId, messageId } of crowd)
      await tx.insert(Card, {
        ...{ chat_id: chat, message_id: messageId, company_id: salon.companyId, booking_id: bookingId },
        ...{ user_id: userId, audience: 'client', event: null, view: '{"kind":"menu"}', return_to: 'card' },
        ...{ version: 1, stale: false, sent_at: now, view_expires_at: null },
      });
  });
  return crowd;
}

const pressCancel = ({ telegram }: Vestnik, { chat, messageId, bookingId }: CrowdMember): PressedButton =>
  telegram.pressButton(chat, messageId, `bke:cancel:${bookingId}:card`);

export const pressConfirm = ({ telegram }: Vestnik, { chat, messageId, bookingId }: CrowdMember): PressedButton =>
  telegram.pressButton(chat, messageId, `bke:confirm_cancel:${bookingId}:card`);

/** What the last press of each is answered with; all must be answered in time. */
export async function answersTo(presses: readonly PressedButton[], deadlineMs = 60_000): Promise<string[]> {
  await eventually(() => assert.equal(presses.filter((pressed) => pressed.answer() === null).length, 0), deadlineMs);
  return presses.map((pressed) => pressed.answer()?.text ?? '');
}

/** Opens the question in each chat. */
export async function askAll(vestnik: Vestnik, crowd: readonly CrowdMember[]): Promise<void> {
  await answersTo(crowd.map((member) => pressCancel(vestnik, member)));
  await eventually(() => {
    const shows = ({ chat, messageId, bookingId }: CrowdMember) =>
      JSON.stringify(
        vestnik.telegram.messages(chat).find(({ message_id }) => message_id === messageId)?.reply_markup,
      )?.includes(`bke:confirm_cancel:${bookingId}:card`);
    assert.equal(crowd.filter((member) => !shows(member)).length, 0);
  }, 60_000);
}

/** Each booking was cancelled once, by its own client, who reads so in the message that they pressed. */
export async function assertCancelledOnce(vestnik: Vestnik, crowd: readonly CrowdMember[]): Promise<void> {
  const { database, telegram } = vestnik;
  const sql = database.read();
  const rows = await sql.execute<{ status: string; version: number; n: number }[]>(
    'SELECT status, version, COUNT(*) AS n FROM bookings WHERE client_id >= ? GROUP BY status, version',
    [crowd[0]?.userId ?? 0],
  );
  assert.deepEqual(rows, [{ status: 'cancelled', version: 2, n: crowd.length }]);
  // The delivery log has one row for each event and person: the client's own says that they did it.
  const told = await sql.execute<{ booking_id: number; user_id: number; n: number }[]>(
    `SELECT booking_id, user_id, COUNT(*) AS n FROM deliveries
      WHERE event_type = 'booking_cancelled' AND reason = 'initiator' GROUP BY booking_id, user_id ORDER BY booking_id`,
  );
  const wanted = crowd.map(({ bookingId, userId }) => ({ booking_id: bookingId, user_id: userId, n: 1 }));
  assert.deepEqual(told, wanted);
  const [events] = await sql.execute<{ n: number }[]>(
    "SELECT COUNT(DISTINCT event_id) AS n FROM deliveries WHERE event_type = 'booking_cancelled'",
  );
  assert.equal(events?.n, crowd.length);
  const unlike = crowd.filter(({ chat, messageId }) => {
    const shown = telegram.messages(chat).filter(({ outgoing }) => outgoing);
    const [card] = shown;
    const isAlone = shown.length === 1 && card?.message_id === messageId;
    return !isAlone || !card?.text.endsWith('❌ Вы отменили запись') || card.reply_markup !== undefined;
  });
  assert.deepEqual(unlike, []);
}
