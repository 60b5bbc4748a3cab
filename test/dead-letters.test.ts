import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openDatabase } from '#src/db/database.ts';
import { Delivery } from '#src/db/event-entities.ts';
import { findRow } from '#src/db/rows.ts';
import { createLog } from '#src/observability/log.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, type Person, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

/** A salon whose delivery log can be looked into. */
async function openShop(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-dead-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'vestnik.sqlite');
  const vestnik = await startVestnik(t, { env: { DATABASE_URL: `sqlite:${path}`, RETRY_BACKOFF_MS: '5,5' } });
  const database = await openDatabase({ database: { kind: 'sqlite', path }, log: createLog('silent') });
  t.after(() => database.close());
  const salon = await openSalon(vestnik);
  /** How the booking's creation ended for someone. */
  const logged = (person: Person) =>
    findRow(database.read(), Delivery, { user_id: salon.people[person].id, event_type: 'booking_created' });
  return { vestnik, salon, logged };
}

/** Books, while Telegram fails for one person until their message is dead; answers the dead letter. */
async function bookAndFail(vestnik: Vestnik, salon: Salon, person: Person) {
  const fault = { kind: 'server_error' } as const;
  vestnik.telegram.fault(salon.people[person].chat, fault, { times: 3, methods: ['sendMessage'] });
  const booking = await salon.book('admin');
  const letter = await eventually(async () => {
    const { items } = (await vestnik.call('GET', '/v1/dead-letters')).body;
    assert.equal(items.length, 1);
    return items[0];
  });
  await vestnik.settled();
  return { booking, letter };
}

const replay = async (vestnik: Vestnik, body: object) =>
  (await vestnik.call('POST', '/v1/dead-letters/replay', body)).body;

test('a dead letter says what failed, and its replay reaches that person and nobody else', async (t) => {
  const { vestnik, salon, logged } = await openShop(t);
  const { booking, letter } = await bookAndFail(vestnik, salon, 'client');
  const { id, event, first_failed_at, died_at, first_error, last_error, ...rest } = letter;
  const user_id = salon.people.client.id;
  const recipient = `user:${user_id}`;
  assert.deepEqual(rest, { stream: 'p2p', raw: null, recipient, user_id, channel: 'telegram', attempts: 3 });
  assert.match(id, /^p2p:0:\d+-\d+$/);
  assert.equal(event.booking_id, booking.id);
  assert.match(first_error, /^telegram_500: /);
  assert.match(last_error, /^telegram_500: /);
  assert.equal(Date.parse(first_failed_at) < Date.parse(died_at), true);
  assert.equal((await logged('client'))?.status, 'dead');

  assert.deepEqual(await replay(vestnik, { ids: [id] }), { replayed: 1, missing: [] });
  await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1));
  await vestnik.settled();
  assert.deepEqual(await replay(vestnik, { ids: [id] }), { replayed: 0, missing: [id] });
  const row = await logged('client');
  assert.deepEqual([row?.status, row?.attempts], ['delivered', 1]);
  for (const person of ['client', 'specialist', 'other_admin'] as const)
    assert.equal(shown(vestnik, salon, person).length, 1, person);
  assert.deepEqual((await vestnik.call('GET', '/v1/dead-letters')).body.items, []);
});

test('a replay is bound to the facts of now: the one who lost the booking hears nothing of it', async (t) => {
  const { vestnik, salon, logged } = await openShop(t);
  const { booking, letter } = await bookAndFail(vestnik, salon, 'specialist');
  const moved = await vestnik.call('PATCH', `/v1/bookings/${booking.id}`, {
    specialist_id: salon.people.other_specialist.id,
  });
  assert.equal(moved.status, 200);
  await eventually(() => assert.equal(shown(vestnik, salon, 'specialist').length, 1, 'the booking left them'));
  await replay(vestnik, { ids: [letter.id] });
  await vestnik.settled();
  const row = await logged('specialist');
  assert.deepEqual([row?.status, row?.reason, row?.role], ['suppressed', 'superseded', 'specialist']);
  assert.equal(shown(vestnik, salon, 'specialist').length, 1);
});

test('a replay for someone with no place in the booking any more ends without a message', async (t) => {
  const { vestnik, salon, logged } = await openShop(t);
  const { letter } = await bookAndFail(vestnik, salon, 'other_admin');
  const path = `/v1/users/${salon.people.other_admin.id}`;
  assert.equal((await vestnik.call('PATCH', path, { role: 'specialist' })).status, 200);
  await replay(vestnik, { ids: [letter.id] });
  await vestnik.settled();
  const row = await logged('other_admin');
  assert.deepEqual([row?.status, row?.reason, row?.role], ['suppressed', 'no_longer_concerned', 'admin']);
  assert.deepEqual(shown(vestnik, salon, 'other_admin'), []);
});

test('a replay of a cancelled booking is not sent', async (t) => {
  const { vestnik, salon, logged } = await openShop(t);
  const { booking } = await bookAndFail(vestnik, salon, 'client');
  assert.equal((await vestnik.call('POST', `/v1/bookings/${booking.id}/cancel`)).status, 200);
  await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1));
  await replay(vestnik, { all: true, stream: 'events:p2p' });
  await vestnik.settled();
  assert.equal((await logged('client'))?.status, 'suppressed');
  assert.equal(shown(vestnik, salon, 'client').length, 1);
});

test('an undecodable event keeps its fields, and a replay of it dies again', async (t) => {
  const { vestnik } = await openShop(t);
  await vestnik.redis.redis.xadd('events:p2p', '*', 'event', 'not json', 'extra', '"quoted"');
  const look = async () => (await vestnik.call('GET', '/v1/dead-letters?stream=p2p')).body.items;
  const [letter] = await eventually(async () => {
    const items = await look();
    assert.equal(items.length, 1);
    return items;
  });
  assert.deepEqual([letter.event, letter.recipient, letter.user_id, letter.attempts], [null, '*', null, 0]);
  assert.deepEqual(letter.raw, { event: 'not json', extra: '"quoted"' });
  assert.deepEqual(await replay(vestnik, { all: true }), { replayed: 1, missing: [] });
  await eventually(async () => {
    const [again] = await look();
    assert.equal(again?.id === undefined || again.id === letter.id, false);
    assert.equal(again.raw.extra, '"quoted"');
  });
});
