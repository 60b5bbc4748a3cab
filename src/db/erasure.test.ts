import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertBooking, insertCompany } from '#test/support/rows.ts';
import { BotUpdate, UsedLink } from './bot-entities.ts';
import { findCard, saveCard } from './cards.ts';
import type { Database } from './database.ts';
import { recordDayLists } from './day-lists.ts';
import { type DeliveryRecord, logDeliveries } from './deliveries.ts';
import { PushSubscription, Schedule, User } from './entities.ts';
import { erasedSince, forgetChats, forgetErased, newestErasure } from './erased-places.ts';
import { eraseUser } from './erasure.ts';
import { Delivery, IdempotencyKey } from './event-entities.ts';
import { personRows } from './person-reads.ts';
import { findRow, findRows } from './rows.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');

/** A specialist in chat 42, with a row of everything, and a card of a booking of theirs in the client's chat 99. */
async function openPerson(database: Database) {
  const ids = await database.write(insertCompany);
  const { company_id, specialist_id: id } = ids;
  const booking_id = await database.write((tx) => insertBooking(tx, ids));
  const told = { company_id, event_type: 'booking_created', booking_id, user_id: id, role: 'specialist' };
  const end = {
    channel: 'telegram',
    status: 'delivered' as const,
    reason: null,
    attempts: 1,
    chat_id: 42,
    message_id: 5,
  };
  const row: DeliveryRecord = { ...told, ...end, event_id: 'e', finished_at: NOW };
  const card = { company_id, booking_id, event: null, view: '{"kind":"notification"}', return_to: 'card', version: 1 };
  const state = { stale: false, sent_at: NOW, view_expires_at: null };
  const answer = { id, company_id, role: 'specialist', name: 'Анна', phone: '+7', tg_id: 42 };
  await database.write(async (tx) => {
    const user = await findRow(tx, User, { id });
    const created_at = user?.created_at ?? NOW;
    await logDeliveries(tx, [row]);
    await saveCard(tx, { ...card, ...state, chat_id: 42, message_id: 5, user_id: id, audience: 'specialist' });
    await saveCard(tx, { ...card, ...state, chat_id: 99, message_id: 5, user_id: ids.client_id, audience: 'client' });
    const device = { company_id, user_id: id, endpoint: 'https://push/1', p256dh: 'k', auth: 'a', vapid_key: 'v' };
    await tx.insert(PushSubscription, { ...device, created_at: NOW });
    const initiated_by = { user_id: null, role: 'cron', channel: 'scheduler' } as const;
    const day = { id: 'd', type: 'specialist_day', company_id, user_id: id, date: '2026-06-01', ts: 1 } as const;
    await recordDayLists(tx, [{ ...day, initiated_by }], NOW);
    await tx.insert(Schedule, { user_id: id, location_id: null, hours: '{}', updated_at: NOW });
    const update = {
      bot_id: 1,
      chat_id: 42,
      body: '{"text":"Анна"}',
      responses: null,
      received_at: NOW,
      done_at: null,
    };
    await tx.insert(BotUpdate, { ...update, update_id: 1 });
    await tx.insert(UsedLink, { token_hash: 'h', tg_id: 42, expires_at: NOW });
    const stored = { scope: 'admin', fingerprint: 'f', status: 201, created_at };
    await tx.insert(IdempotencyKey, { ...stored, key: 'user', body: JSON.stringify(answer) });
    await tx.insert(IdempotencyKey, { ...stored, key: 'booking', body: JSON.stringify({ id, status: 'created' }) });
    await tx.insert(IdempotencyKey, {
      ...stored,
      key: 'push',
      scope: `user:${id}`,
      body: '{"endpoint":"https://push/1"}',
    });
  });
  return { ...ids, id, booking_id, row };
}

describeOnEachDatabase('erasing a user', ({ open }) => {
  test('takes what is personal out of every table, once', async (t) => {
    const database = await open(t);
    const { id, client_id } = await openPerson(database);
    const before = await personRows(database.read(), id);
    assert.deepEqual(before?.day_lists, [{ date: '2026-06-01', event_id: 'd', decided_at: NOW }]);
    assert.deepEqual(
      [before?.bookings, before?.deliveries, before?.push_subscriptions, before?.cards, before?.bot_updates].map(
        (list) => list?.length,
      ),
      [1, 1, 1, 1, 1],
    );
    assert.equal(JSON.stringify(before).includes('p256dh'), false);

    const erased = await database.write((tx) => eraseUser(tx, id, { told: [42], now: NOW }));
    assert.deepEqual(erased, {
      erased_at: NOW,
      rows: {
        ...{ push_subscriptions: 1, schedules: 1, cards: 1, bot_updates: 1, used_links: 1 },
        ...{ idempotency_answers: 2, day_lists: 1 },
      },
    });
    assert.equal(await forgetChats(database, id), 1);
    const again = await database.write((tx) => eraseUser(tx, id, { told: [], now: new Date() }));
    assert.deepEqual([again?.erased_at, Object.values(again?.rows ?? {})], [NOW, [0, 0, 0, 0, 0, 0, 0]]);
    assert.equal(await forgetChats(database, id), 0);
    assert.equal(await database.write((tx) => eraseUser(tx, 999, { told: [], now: NOW })), null);

    const sql = database.read();
    const user = await findRow(sql, User, { id });
    assert.deepEqual([user?.name, user?.phone, user?.tg_id, user?.erased_at], ['deleted', null, null, NOW]);
    const [update] = await findRows(sql, BotUpdate, {});
    assert.deepEqual([update?.chat_id, update?.body, update?.done_at], [0, '', NOW]);
    assert.deepEqual(
      (await findRows(sql, UsedLink, {})).map(({ tg_id }) => tg_id),
      [0],
    );
    const answers = await findRows(sql, IdempotencyKey, {}, { orderBy: { id: 'asc' } });
    assert.deepEqual(
      answers.map(({ key }) => key),
      ['user', 'booking'],
    );
    assert.deepEqual(JSON.parse(answers[0]?.body ?? '').name, 'deleted');
    assert.deepEqual([await erasedSince(sql, NOW), await erasedSince(sql, new Date(NOW.getTime() + 1))], [[id], []]);
    const theirs = await findCard(sql, { chat_id: 99, message_id: 5 });
    assert.deepEqual([theirs?.user_id, theirs?.stale], [client_id, true]);
  });

  test('takes out afterwards what was logged of them where nobody looked', async (t) => {
    const database = await open(t);
    const { id, company_id, booking_id, row } = await openPerson(database);
    await database.write((tx) => eraseUser(tx, id, { told: [42], now: NOW }));
    await database.write(async (tx) => {
      const shown = { company_id, booking_id, event: null, view: '{}', return_to: 'card', version: 1, stale: false };
      await logDeliveries(tx, [{ ...row, event_id: 'late', message_id: 6 }]);
      await saveCard(tx, {
        ...{ ...shown, chat_id: 42, message_id: 6, user_id: id, audience: 'specialist' },
        ...{ sent_at: NOW, view_expires_at: null },
      });
    });
    assert.equal(await forgetChats(database, id), 2);
    assert.equal(await findCard(database.read(), { chat_id: 42, message_id: 6 }), null);
    const rows = await findRows(database.read(), Delivery, { user_id: id });
    assert.deepEqual(
      rows.map(({ chat_id, message_id }) => [chat_id, message_id]),
      [
        [null, null],
        [null, null],
      ],
    );
    assert.deepEqual(await newestErasure(database.read()), NOW);
  });

  test('leaves no trace of where a message went that was on its way', async (t) => {
    const database = await open(t);
    const { id, client_id, row } = await openPerson(database);
    await database.write((tx) => eraseUser(tx, id, { told: [42], now: NOW }));
    const late = { ...row, event_id: 'late' };
    const other = { ...late, user_id: client_id, chat_id: 99 };
    await database.write(async (tx) => {
      await logDeliveries(tx, [late, other]);
      await forgetErased(tx, [late, other]);
    });
    const rows = await findRows(database.read(), Delivery, { event_id: 'late' }, { orderBy: { user_id: 'asc' } });
    assert.deepEqual(
      rows.map(({ user_id, chat_id, message_id }) => [user_id, chat_id, message_id]),
      [
        [client_id, 99, 5],
        [id, null, null],
      ].sort(),
    );
  });
});
