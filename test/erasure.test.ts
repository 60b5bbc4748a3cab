import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BotUpdate, Card, UsedLink } from '#src/db/bot-entities.ts';
import { User } from '#src/db/entities.ts';
import { Delivery, IdempotencyKey } from '#src/db/event-entities.ts';
import { findRow, findRows } from '#src/db/rows.ts';
import { DEFAULT_QUIET_HOURS } from '#src/domain/quiet-hours.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const NAME = 'Зинаида Канарейкина';
const PHONE = '+7 999 777-66-55';

/** All text of all tables, and of Redis. */
async function everything(vestnik: Vestnik): Promise<string> {
  const sql = vestnik.database.read();
  const tables = await sql.execute<{ name: string }[]>("SELECT name FROM sqlite_master WHERE type = 'table'");
  const rows = await Promise.all(tables.map(({ name }) => sql.execute(`SELECT * FROM "${name}"`)));
  const { redis } = vestnik.redis;
  const streams = await redis.keys('events:*');
  const kept = await Promise.all(
    streams.map(async (key) => {
      const type = await redis.type(key);
      if (type === 'stream') return await redis.xrange(key, '-', '+');
      return type === 'hash' ? await redis.hgetall(key) : type === 'string' ? await redis.get(key) : [];
    }),
  );
  return JSON.stringify([rows, kept]);
}

const rowsOf = (vestnik: Vestnik, user_id: number) =>
  findRows(vestnik.database.read(), Delivery, { user_id }, { orderBy: { id: 'asc' } });

test('an erased person is found nowhere any more, and what was counted stays counted', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { companyId: company_id } = salon;
  const chat = 887_766_554_433;
  vestnik.telegram.registerUser({ id: chat, first_name: 'z' });
  const body = {
    company_id,
    role: 'client',
    name: NAME,
    phone: PHONE,
    tg_id: chat,
    external_id: 'crm-zina',
    locale: 'en',
    time_zone: 'Asia/Tokyo',
    quiet_hours: { broadcasts: null, messages: { from: '23:00', to: '07:00' } },
  };
  const { id } = await vestnik.create('/v1/users', body, { 'Idempotency-Key': 'make-zina' });
  await salon.book('admin', { client_id: id });
  await vestnik.settled();
  await vestnik.database.write(async (tx) => {
    const update = { bot_id: 424242, update_id: 5, chat_id: chat, responses: null, received_at: new Date() };
    await tx.insert(BotUpdate, { ...update, body: JSON.stringify({ from: NAME }), done_at: new Date() });
    await tx.insert(UsedLink, { token_hash: 'h', tg_id: chat, expires_at: new Date(Date.now() + 1e8) });
  });
  // One that dies leaves a letter.
  vestnik.telegram.fault(chat, { kind: 'server_error' }, { times: 3 });
  await salon.book('admin', { client_id: id, starts_at: '2027-02-02T10:00:00Z' });
  await vestnik.settled();
  assert.equal(await vestnik.redis.redis.xlen('events:p2p:dead'), 1);

  const exported = await vestnik.call('POST', `/v1/users/${id}/export`);
  assert.equal(exported.status, 200);
  const { user, bookings, deliveries, cards, dead_letters, bot_updates, used_links, incomplete } = exported.body;
  assert.deepEqual([user.name, user.phone, user.tg_id], [NAME, PHONE, chat]);
  assert.deepEqual([user.time_zone, user.quiet_hours], ['Asia/Tokyo', body.quiet_hours]);
  assert.deepEqual(
    [bookings, deliveries, cards, dead_letters, bot_updates, used_links, incomplete].map(({ length }) => length),
    [2, 2, 1, 1, 1, 1, 0],
  );

  const erased = await vestnik.call('POST', `/v1/users/${id}/erase`);
  assert.equal(erased.status, 200, JSON.stringify(erased.body));
  const { time_zone, quiet_hours } = (await vestnik.call('GET', `/v1/users/${id}`)).body;
  assert.deepEqual([time_zone, quiet_hours], [null, DEFAULT_QUIET_HOURS]);
  assert.deepEqual(erased.body.removed, {
    ...{ push_subscriptions: 0, schedules: 0, cards: 1, bot_updates: 1, used_links: 1, idempotency_answers: 1 },
    ...{ deliveries: 1, dead_letters: 1, day_lists: 0 },
  });
  const again = await vestnik.call('POST', `/v1/users/${id}/erase`);
  assert.deepEqual([again.status, again.body.erased_at], [200, erased.body.erased_at]);
  assert.deepEqual(new Set(Object.values(again.body.removed)), new Set([0]));

  await eventually(async () => {
    const all = await everything(vestnik);
    for (const canary of [NAME, PHONE, String(chat), 'crm-zina']) assert.equal(all.includes(canary), false, canary);
  });
  const left = await vestnik.call('GET', `/v1/users/${id}`);
  const { name, phone, tg_id, external_id, erased_at } = left.body;
  assert.deepEqual(
    { name, phone, tg_id, external_id },
    { name: 'deleted', phone: null, tg_id: null, external_id: null },
  );
  assert.equal(erased_at, erased.body.erased_at);
  assert.deepEqual(
    (await rowsOf(vestnik, id)).map(({ status, chat_id, message_id }) => [status, chat_id, message_id]),
    [
      ['delivered', null, null],
      ['dead', null, null],
    ],
  );
  assert.equal((await vestnik.call('GET', `/v1/bookings?client_id=${id}`)).body.items.length, 2);

  // The key that made them neither makes them again nor tells who they were.
  const replayed = await vestnik.call('POST', '/v1/users', body, { 'Idempotency-Key': 'make-zina' });
  assert.deepEqual(
    [replayed.status, replayed.body.id, replayed.body.name, replayed.body.phone],
    [201, id, 'deleted', null],
  );
});

test('nobody writes to what is left of a person', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { client, specialist, admin } = salon.people;
  const booking = await salon.book('admin');
  await vestnik.settled();
  const link = await vestnik.call('POST', `/v1/users/${client.id}/link`);
  const token = new URL(link.body.subscribe_url).hash.slice(1);
  for (const { id } of [client, specialist])
    assert.equal((await vestnik.call('POST', `/v1/users/${id}/erase`)).status, 200);

  const refused = await Promise.all([
    vestnik.call('PATCH', `/v1/users/${client.id}`, { tg_id: 5, name: 'x' }),
    vestnik.call('POST', `/v1/users/${client.id}/link`),
    vestnik.call('PUT', `/v1/users/${specialist.id}/schedule`, { weekly: {}, days_off: [] }),
    vestnik.call('GET', '/v1/push/invitation', undefined, { authorization: `Bearer ${token}` }),
    vestnik.call('POST', `/v1/users/${client.id}/erase`, { name: 'x' }),
    vestnik.call('POST', '/v1/users/424242/erase'),
    vestnik.call('POST', '/v1/users/0/export'),
  ]);
  assert.deepEqual(
    refused.map(({ status, body }) => [status, body.code]),
    [
      ...[
        [409, 'user_erased'],
        [409, 'user_erased'],
        [409, 'user_erased'],
        [401, 'unauthorized'],
      ],
      ...[
        [422, 'validation_failed'],
        [404, 'not_found'],
        [404, 'not_found'],
      ],
    ],
  );
  const other = { starts_at: '2027-03-01T10:00:00Z', company_id: salon.companyId, service_id: salon.serviceId };
  for (const people of [
    { client_id: client.id, specialist_id: salon.people.other_specialist.id },
    { client_id: admin.id, specialist_id: specialist.id },
  ])
    assert.equal((await vestnik.call('POST', '/v1/bookings', { ...other, ...people })).status, 422);

  const before = [shown(vestnik, salon, 'client').length, shown(vestnik, salon, 'specialist').length];
  await vestnik.call('POST', `/v1/bookings/${booking.id}/cancel`);
  await vestnik.settled();
  assert.deepEqual([shown(vestnik, salon, 'client').length, shown(vestnik, salon, 'specialist').length], before);
  const cancelled = (await vestnik.call('GET', `/v1/deliveries?booking_id=${booking.id}&event_type=booking_cancelled`))
    .body.items;
  const fate = (id: number) => cancelled.find(({ user_id }: { user_id: number }) => user_id === id);
  assert.deepEqual([fate(client.id).status, fate(client.id).reason], ['suppressed', 'deleted']);
  assert.deepEqual([fate(specialist.id).status, fate(specialist.id).reason], ['suppressed', 'deleted']);
  assert.equal(fate(admin.id).status, 'delivered');
  const page = `/v1/deliveries/explain?event_id=${fate(client.id).event_id}&user_id=${client.id}`;
  assert.match((await vestnik.call('GET', page)).body.explanation, /had been deleted or erased/);
});

test('what is under way to a person while they are erased ends, and leaves no trace of where it went', async (t) => {
  const vestnik = await startVestnik(t, { env: { RETRY_BACKOFF_MS: '400,400' } });
  const salon = await openSalon(vestnik);
  const { id, chat } = salon.people.client;
  // One is between two attempts, another is being sent.
  vestnik.telegram.fault(chat, { kind: 'server_error' }, { times: 1 });
  await salon.book('admin');
  await eventually(() =>
    assert.equal(
      vestnik.telegram.requests().some(({ outcome }) => outcome?.accepted === false),
      true,
    ),
  );
  assert.equal((await vestnik.call('POST', `/v1/users/${id}/erase`)).status, 200);
  await vestnik.settled();
  assert.deepEqual(
    (await rowsOf(vestnik, id)).map(({ status, reason, chat_id }) => [status, reason, chat_id]),
    [['suppressed', 'deleted', null]],
  );

  // Somebody without a card of the first booking, whose edit might be the slow one.
  const second = salon.people.other_specialist;
  vestnik.telegram.fault(second.chat, { kind: 'slow', ms: 3_000 }, { times: 1 });
  const people = { client_id: salon.people.other_admin.id, specialist_id: second.id };
  await salon.book('admin', { ...people, starts_at: '2027-03-01T10:00:00Z' });
  await eventually(() =>
    assert.equal(
      vestnik.telegram.requests().filter(({ parameters }) => Number(parameters.chat_id) === second.chat).length,
      1,
    ),
  );
  assert.equal((await vestnik.call('POST', `/v1/users/${second.id}/erase`)).status, 200);
  await vestnik.settled();
  const sent = (await rowsOf(vestnik, second.id)).at(-1);
  assert.deepEqual([sent?.status, sent?.chat_id, sent?.message_id], ['delivered', null, null]);
  assert.equal(await vestnik.database.read().count(Card, { user_id: second.id }), 0);
});

test('an account that stands for users of two companies goes on for the other one', async (t) => {
  const vestnik = await startVestnik(t);
  const one = await openSalon(vestnik);
  const chat = one.people.client.chat;
  const two = await openSalon(vestnik, { client: { tg_id: chat } });
  await vestnik.database.write(async (tx) => {
    const update = { bot_id: 1, update_id: 5, chat_id: chat, responses: null, received_at: new Date(), done_at: null };
    await tx.insert(BotUpdate, { ...update, body: '{}' });
  });
  const erased = await vestnik.call('POST', `/v1/users/${one.people.client.id}/erase`);
  assert.equal(erased.body.removed.bot_updates, 0);
  await two.book('admin');
  await vestnik.settled();
  assert.equal(vestnik.telegram.messages(chat).length, 1);
  const other = await findRow(vestnik.database.read(), User, { id: two.people.client.id });
  assert.equal(other?.tg_id, chat);
  assert.equal(await vestnik.database.read().count(IdempotencyKey, {}), 0);
});
