import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { type BroadcastEvent, chunkEventId } from '../domain/broadcasts.ts';
import { SYSTEM_INITIATOR } from '../domain/events.ts';
import { encodeQuietHours } from '../domain/quiet-hours.ts';
import { cutChunk, hastenChunks, offerDueChunks } from './broadcast-chunks.ts';
import { findBroadcast, insertBroadcast, type StoredBroadcast, startBroadcast } from './broadcasts.ts';
import { settleChunk } from './chunk-results.ts';
import type { Database } from './database.ts';
import { logDeliveries } from './deliveries.ts';
import { User } from './entities.ts';
import { quietInBroadcast, quietWaitOf } from './quiet-waits.ts';
import type { Row } from './rows.ts';

const MINUTE_MS = 60_000;
/** Half past eleven at night in Moscow, half past five in the morning in Tokyo. */
const NIGHT = new Date('2026-01-28T20:30:00.000Z');
const MORNING = new Date('2026-01-29T05:00:00.000Z');
const MORNING_IN_TOKYO = new Date('2026-01-28T23:00:00.000Z');
const AWAKE = { quiet_hours: encodeQuietHours({ broadcasts: null, messages: null }) };
const IN_TOKYO = { time_zone: 'Asia/Tokyo' };

/** A running broadcast of a company in Moscow, each list of people a chunk that was offered at night. */
async function cutAtNight(
  t: TestContext,
  { open }: TestDatabases,
  chunks: Partial<Row<typeof User>>[][],
  { is_test = false } = {},
) {
  const database = await open(t);
  const { company_id } = await database.write(insertCompany);
  const person = {
    company_id,
    role: 'client',
    name: 'x',
    locale: 'ru',
    ads_opt_out: false,
    created_at: NIGHT,
  } as const;
  const cuts = await database.write(async (tx) => {
    const made: number[][] = [];
    for (const people of chunks) {
      const ids: number[] = [];
      for (const change of people) ids.push(await tx.insert(User, { ...person, ...change }));
      made.push(ids);
    }
    return made;
  });
  let broadcast: StoredBroadcast = await database.write(async (tx) => {
    const { id } = await insertBroadcast(tx, {
      ...{ company_id, audience: {}, content: { tg_html: 'x' }, ad_template_id: null, allow_paid: false, is_test },
      ...{ initiated_by: SYSTEM_INITIATOR, trace: null, send_at: NIGHT, created_at: NIGHT },
    });
    await startBroadcast(tx, id, { audience_size: 5, last_user_id: 1_000, started_at: NIGHT });
    const found = await findBroadcast(tx, id);
    assert.ok(found);
    return found;
  });
  for (const user_ids of cuts) {
    const cut = { user_ids, upTo: user_ids.at(-1) ?? 0, isOfOthers: false };
    const next = await database.write((tx) => cutChunk(tx, broadcast, cut, NIGHT));
    assert.ok(next);
    broadcast = next;
  }
  const { id } = broadcast;
  return {
    database,
    broadcast,
    cuts,
    settle: (chunk: number, now = NIGHT) => settle(database, { ...broadcast, id }, chunk, now),
  };
}

const settle = (database: Database, { id, company_id }: StoredBroadcast, chunk: number, now: Date) =>
  database.write((tx) => settleChunk(tx, { company_id, broadcast_id: id, chunk } as BroadcastEvent, now));

const offer = (database: Database, broadcast: StoredBroadcast, now: Date) =>
  database.write((tx) => offerDueChunks(tx, broadcast, now, 100));

describeOnEachDatabase('a chunk at night', (databases) => {
  test('is offered once more when the first of its people may hear it, and not before', async (t) => {
    const { database, broadcast, settle } = await cutAtNight(t, databases, [
      [{}, {}, {}],
      [{}, {}],
    ]);
    let offers = 0;
    for (let at = NIGHT.getTime(); at <= MORNING.getTime(); at += MINUTE_MS) {
      const now = new Date(at);
      for (const chunk of [1, 2]) if (at === NIGHT.getTime()) await settle(chunk, now);
      const due = await offer(database, broadcast, now);
      if (now < MORNING) assert.equal(due, 0, now.toISOString());
      offers += due;
    }
    assert.equal(offers, 2);
  });

  test('goes by the clock of each of its people', async (t) => {
    const { database, broadcast, settle } = await cutAtNight(t, databases, [[{}, IN_TOKYO, IN_TOKYO]]);
    const { id } = broadcast;
    assert.deepEqual(await quietWaitOf(database.read(), { broadcast_id: id, chunk: 1 }, NIGHT), {
      ...{ people: 3, until: MORNING, nothingBefore: MORNING_IN_TOKYO },
    });
    await settle(1);
    assert.deepEqual(await quietInBroadcast(database.read(), id, NIGHT), { people: 3, until: MORNING });
    assert.equal(await offer(database, broadcast, new Date(MORNING_IN_TOKYO.getTime() - 1)), 0);
    assert.equal(await offer(database, broadcast, MORNING_IN_TOKYO), 1);
    // On its way, nobody in it waits for the morning.
    assert.deepEqual(await quietInBroadcast(database.read(), id, NIGHT), { people: 0, until: null });
    await settle(1, MORNING_IN_TOKYO);
    assert.deepEqual(await quietInBroadcast(database.read(), id, NIGHT), { people: 1, until: MORNING });
    assert.deepEqual(await quietInBroadcast(database.read(), id, MORNING), { people: 0, until: null });
  });

  test('with somebody who waits for something else is offered as soon as ever', async (t) => {
    const { database, broadcast, settle } = await cutAtNight(t, databases, [
      [{}, AWAKE],
      [{}, { ads_opt_out: true }],
    ]);
    for (const chunk of [1, 2]) await settle(chunk);
    assert.equal((await quietInBroadcast(database.read(), broadcast.id, NIGHT)).people, 2);
    assert.equal(await offer(database, broadcast, new Date(NIGHT.getTime() + 5_000)), 2);
  });

  test('counts nobody whom the log tells of, and ends when it tells of all', async (t) => {
    const { database, broadcast, cuts, settle } = await cutAtNight(t, databases, [[{}, AWAKE]]);
    const [first = 0, second = 0] = cuts[0] ?? [];
    const { company_id } = broadcast;
    const ended = (user_id: number) =>
      database.write((tx) =>
        logDeliveries(tx, [
          {
            ...{
              company_id,
              event_id: chunkEventId(broadcast.id, 1),
              event_type: 'broadcast',
              booking_id: null,
              user_id,
            },
            ...{ role: 'client', status: 'delivered', channel: 'telegram', reason: null, attempts: 1 },
            ...{ chat_id: null, message_id: null, finished_at: NIGHT },
          },
        ]),
      );
    await ended(second);
    await settle(1);
    assert.equal(await offer(database, broadcast, new Date(MORNING.getTime() - 1)), 0);
    await database.write((tx) => hastenChunks(tx, broadcast.id, NIGHT));
    assert.equal(await offer(database, broadcast, NIGHT), 1);
    await ended(first);
    await settle(1);
    assert.deepEqual(await quietInBroadcast(database.read(), broadcast.id, NIGHT), { people: 0, until: null });
    assert.equal(await offer(database, broadcast, MORNING), 0);
  });

  test('of a test waits for nobody’s morning', async (t) => {
    const { database, broadcast, settle } = await cutAtNight(t, databases, [[{}]], { is_test: true });
    await settle(1);
    assert.equal(await offer(database, broadcast, new Date(NIGHT.getTime() + 5_000)), 1);
  });
});
