import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { insertBooking, insertCompany } from '#test/support/rows.ts';
import { UNLIMITED_SENDS } from '#test/support/send-budget.ts';
import type { TelegramSendResult } from '../channels/telegram.ts';
import type { Database } from '../db/database.ts';
import { User } from '../db/entities.ts';
import { DatabaseError } from '../db/errors.ts';
import { findRow, type Row } from '../db/rows.ts';
import type { BookingEvent } from '../domain/events.ts';
import { encodeQuietHours } from '../domain/quiet-hours.ts';
import type { Recipient } from '../domain/recipients.ts';
import { createLog } from '../observability/log.ts';
import { createBookingMessages } from './booking-messages.ts';
import { createPersonDelivery } from './person-delivery.ts';

const OLD_CHAT = 42;
const NEW_CHAT = 43;
const BLOCKED: TelegramSendResult = {
  kind: 'unreachable',
  reason: 'blocked',
  failure: { code: 'telegram_403', message: 'Forbidden: bot was blocked by the user' },
};

/** A specialist in OLD_CHAT and an event for them; `answer` is Telegram's. */
async function setUp(database: Database, answer: (chatId: number) => Promise<TelegramSendResult>) {
  const { ids, booking_id } = await database.write(async (tx) => {
    const inserted = await insertCompany(tx);
    return { ids: inserted, booking_id: await insertBooking(tx, inserted) };
  });
  const chats: number[] = [];
  const event: BookingEvent = {
    id: 'e-1',
    type: 'booking_created',
    company_id: ids.company_id,
    booking_id,
    initiated_by: { user_id: null, role: 'system', channel: 'api' },
    ts: 1_706_000_000,
  };
  const recipient: Recipient = { user_id: ids.specialist_id, audience: 'specialist', channels: ['telegram'] };
  const sentSilently: (boolean | undefined)[] = [];
  const deliverOver = (seen: Database, to: Recipient = recipient, isCurrent = () => true) => {
    const clock = () => new Date('2026-01-20T09:00:00.000Z');
    const links = { bookingUrl: () => 'https://salon.example/booking#token' };
    const messages = createBookingMessages({ database: seen, links, clock });
    const delivery = createPersonDelivery({
      sends: UNLIMITED_SENDS,
      paidSends: UNLIMITED_SENDS,
      database: seen,
      telegram: {
        send(chatId, _message, _signal, manner) {
          chats.push(chatId);
          sentSilently.push(manner?.silent);
          return answer(chatId);
        },
        trouble: () => null,
        start: () => undefined,
        stop: async () => undefined,
      },
      webPush: { send: () => Promise.reject(new Error('no device is here')) },
      clock,
      log: createLog('silent'),
    });
    return delivery.deliver(() => messages.read(event, to), {
      number: 1,
      signal: new AbortController().signal,
      isCurrent,
      begin: async () => true,
      leave: () => undefined,
    });
  };
  return {
    chats,
    sentSilently,
    ids,
    deliverOver,
    deliver: () => deliverOver(database),
    user: () => findRow(database.read(), User, { id: ids.specialist_id }),
    setChat: (tg_id: number) =>
      database.write((tx) => tx.nativeUpdate(User, { id: ids.specialist_id }, { tg_id, telegram_unreachable: null })),
  };
}

const sentTo = (chat_id: number): TelegramSendResult => ({ kind: 'delivered', chat_id, message_id: 7 });

const diskError = () => Object.assign(new Error('SQLITE_IOERR: disk I/O error'), { code: 'SQLITE_IOERR' });

test('a message that was overtaken while it was made ready is not sent, and costs no attempt', async (t) => {
  const database = await openTestDatabase(t);
  const { chats, deliverOver } = await setUp(database, async (chatId) => sentTo(chatId));
  const outcome = await deliverOver(database, undefined, () => false);
  assert.deepEqual([outcome.kind, outcome.kind === 'deferred' && outcome.failure.code], ['deferred', 'overtaken']);
  assert.deepEqual(chats, []);
});

test('a late refusal of an old chat leaves the new one reachable, and the next attempt goes there', async (t) => {
  const { chats, deliver, user, setChat } = await setUp(await openTestDatabase(t), async (chatId) => {
    if (chatId === NEW_CHAT) return sentTo(chatId);
    await setChat(NEW_CHAT);
    return BLOCKED;
  });
  const late = await deliver();
  assert.deepEqual([late.kind, late.kind === 'deferred' && late.failure.code], ['deferred', 'chat_replaced']);
  assert.equal((await user())?.telegram_unreachable, null);
  const next = await deliver();
  assert.equal(next.kind === 'done' && next.receipt.status, 'delivered');
  assert.deepEqual(chats, [OLD_CHAT, NEW_CHAT]);
});

test('a message to somebody in their quiet hours goes at once, without a sound, by the hours and the clock of the moment', async (t) => {
  const database = await openTestDatabase(t);
  const { sentSilently, ids, deliver } = await setUp(database, async (chatId) => sentTo(chatId));
  const set = (change: Partial<Row<typeof User>>) =>
    database.write((tx) => tx.nativeUpdate(User, { id: ids.specialist_id }, change));
  await deliver();
  // It is noon in Moscow, where the company is.
  const noon = { from: '11:30', to: '12:30' };
  await set({ quiet_hours: encodeQuietHours({ broadcasts: noon, messages: null }) });
  await deliver();
  await set({ quiet_hours: encodeQuietHours({ broadcasts: null, messages: noon }) });
  await deliver();
  await set({ time_zone: 'Asia/Tokyo' });
  await deliver();
  assert.deepEqual(sentSilently, [false, false, true, false]);
});

test('a chat that refuses is remembered, and not written to again', async (t) => {
  const { chats, deliver, user } = await setUp(await openTestDatabase(t), async () => BLOCKED);
  for (let event = 0; event < 2; event += 1) {
    const outcome = await deliver();
    assert.equal(outcome.kind === 'done' && outcome.receipt.reason, 'unreachable:blocked');
  }
  assert.equal((await user())?.telegram_unreachable, 'blocked');
  assert.deepEqual(chats, [OLD_CHAT]);
});

test('nothing is sent and no attempt is used while the database is away', async (t) => {
  const database = await openTestDatabase(t);
  const { chats, deliver, deliverOver } = await setUp(database, async (chatId) => sentTo(chatId));
  const read = () => {
    throw diskError();
  };
  const outcome = await deliverOver({ ...database, read });
  assert.deepEqual([outcome.kind, outcome.kind === 'deferred' && outcome.failure.code], ['deferred', 'database_away']);
  assert.deepEqual(chats, []);
  assert.equal((await deliver()).kind, 'done');
});

test('a refusal that cannot be remembered uses no attempt; what was sent stays sent', async (t) => {
  const database = await openTestDatabase(t);
  const write = () => Promise.reject(new DatabaseError('database_busy', 'away'));
  const refused = await setUp(database, async () => BLOCKED);
  assert.equal((await refused.deliverOver({ ...database, write })).kind, 'deferred');
  assert.equal((await refused.deliver()).kind, 'done');
  const accepted = await setUp(database, async (chatId) => sentTo(chatId));
  const outcome = await accepted.deliverOver({ ...database, write });
  assert.equal(outcome.kind === 'done' && outcome.receipt.status, 'delivered');
});

test('a fault that is no outage is thrown, so that it counts', async (t) => {
  const database = await openTestDatabase(t);
  const { deliverOver } = await setUp(database, async (chatId) => sentTo(chatId));
  const read = () => {
    throw new TypeError('a bug');
  };
  await assert.rejects(deliverOver({ ...database, read }), TypeError);
});

test('who lost the place that the message is for hears in their next one', async (t) => {
  const database = await openTestDatabase(t);
  const { ids, chats, deliverOver } = await setUp(database, async (chatId) => sentTo(chatId));
  const lost: Recipient = { user_id: ids.client_id, audience: 'specialist', channels: ['telegram'] };
  await database.write((tx) => tx.nativeUpdate(User, { id: ids.client_id }, { tg_id: NEW_CHAT }));
  const nowhere = await deliverOver(database, lost);
  assert.equal(nowhere.kind === 'done' && nowhere.receipt.reason, 'superseded');
  const otherwise: Recipient = { ...lost, audience: 'admin' };
  const outcome = await deliverOver(database, { ...lost, otherwise });
  assert.deepEqual(outcome.kind === 'done' && [outcome.receipt.status, outcome.receipt.role], ['delivered', 'admin']);
  assert.deepEqual(chats, [NEW_CHAT]);
});

test('a group that has become a supergroup is followed in the same attempt', async (t) => {
  const database = await openTestDatabase(t);
  const [GROUP, SUPERGROUP] = [-55, -1_000_000_000_077];
  const { chats, deliver, user, setChat } = await setUp(database, async (chatId) => {
    if (chatId === SUPERGROUP) return sentTo(chatId);
    const failure = { code: 'telegram_400', message: 'Bad Request: group chat was upgraded to a supergroup chat' };
    return { kind: 'migrated', chatId: SUPERGROUP, failure };
  });
  await setChat(GROUP);
  const outcome = await deliver();
  assert.equal(outcome.kind === 'done' && outcome.receipt.status, 'delivered');
  assert.deepEqual(chats, [GROUP, SUPERGROUP]);
  assert.equal((await user())?.tg_id, SUPERGROUP);
});

test('a chat that has moved to itself is a failed attempt, not a circle', async (t) => {
  const { chats, deliver } = await setUp(await openTestDatabase(t), async (chatId) => ({
    kind: 'migrated',
    chatId,
    failure: { code: 'telegram_400', message: 'Bad Request' },
  }));
  assert.equal((await deliver()).kind, 'failed');
  assert.deepEqual(chats, [OLD_CHAT]);
});
