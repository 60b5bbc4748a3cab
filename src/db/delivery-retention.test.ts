import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { HOUSEKEEPING_BATCH } from '../housekeeping.ts';
import { Broadcast, BroadcastChunk } from './broadcast-entities.ts';
import type { Database } from './database.ts';
import { type DeliveryRecord, logDeliveries } from './deliveries.ts';
import { retireDeliveries } from './delivery-retention.ts';
import { Delivery, OutboxRow } from './event-entities.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);

const row = (n: number, finished_at: Date, change: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  ...{ company_id: 1, event_id: `e${n}`, event_type: 'booking_created', booking_id: n, user_id: 7, role: 'client' },
  ...{ channel: 'telegram', status: 'delivered', reason: null, attempts: 1, chat_id: 5, message_id: n },
  ...{ finished_at, ...change },
});

async function retire(database: Database, limit = 2): Promise<void> {
  let after: Awaited<ReturnType<typeof retireDeliveries>> | undefined;
  do after = await retireDeliveries(database, { before: daysAgo(30), after: after ?? undefined, limit });
  while (after);
}

const left = async (database: Database): Promise<string[]> =>
  (await database.read().find(Delivery, {}, { orderBy: { id: 'asc' } })).map(({ event_id }) => event_id);

const totals = (database: Database) =>
  database
    .read()
    .execute('SELECT company_id, day, event_type, channel, status, deliveries FROM delivery_totals ORDER BY 2, 4, 5');

describeOnEachDatabase('the retention of the delivery log', ({ open, openTwice }) => {
  test('takes out what is older and keeps how many there were of each kind and day', async (t) => {
    const database = await open(t);
    const old = [
      ...Array.from({ length: 5 }, (_, n) => row(n, daysAgo(40))),
      row(5, daysAgo(40), { status: 'suppressed', channel: null, reason: 'initiator' }),
      row(6, daysAgo(39), { channel: 'web_push' }),
    ];
    await database.write((tx) => logDeliveries(tx, [...old, row(7, daysAgo(29))]));
    await retire(database);
    assert.deepEqual(await left(database), ['e7']);
    const of = { company_id: 1, event_type: 'booking_created' };
    const kinds = [
      { ...of, day: '2026-04-22', channel: '', status: 'suppressed', deliveries: 1 },
      { ...of, day: '2026-04-22', channel: 'telegram', status: 'delivered', deliveries: 5 },
      { ...of, day: '2026-04-23', channel: 'web_push', status: 'delivered', deliveries: 1 },
    ];
    assert.deepEqual(
      (await totals(database)).map((total) => ({ ...total })),
      kinds,
    );
    await database.write((tx) => logDeliveries(tx, [row(8, daysAgo(39), { channel: 'web_push' })]));
    await retire(database);
    assert.equal((await totals(database)).at(-1)?.deliveries, 2);
  });

  test('keeps what the rest of an event under way needs, and goes on behind it', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    await database.write(async (tx) => {
      const times = { send_at: NOW, created_at: NOW, started_at: NOW, finished_at: null, trace: null };
      const state = { status: 'paused', audience: '{}', content: '{}', initiated_by: '{}', allow_paid: false } as const;
      const counts = {
        is_test: false,
        audience_size: 9,
        last_user_id: 9,
        cut_up_to: 9,
        others_cut_up_to: 9,
        chunks: 2,
        is_cut: true,
      };
      const id = await tx.insert(Broadcast, { company_id, ad_template_id: null, ...state, ...counts, ...times });
      const chunk = {
        broadcast_id: id,
        user_ids: '[]',
        is_of_others: false,
        first_user_id: 1,
        last_user_id: 9,
        asked_since: NOW,
        size: 9,
        offers: 1,
        due_at: null,
        counts: '[]',
        finished_at: null,
      };
      await tx.insert(BroadcastChunk, { ...chunk, number: 1, state: 'waiting' });
      await tx.insert(BroadcastChunk, { ...chunk, number: 2, state: 'finished', finished_at: daysAgo(45) });
      // One of its people was told lately.
      await tx.insert(BroadcastChunk, { ...chunk, number: 3, state: 'finished', finished_at: daysAgo(2) });
      await tx.insert(OutboxRow, { company_id, event_id: 'e2', event: '{}', lane: 'p2p', created_at: NOW });
      const told = { company_id, event_type: 'broadcast', booking_id: null };
      await logDeliveries(tx, [
        ...Array.from({ length: 4 }, (_, n) =>
          row(n, daysAgo(50), { ...told, event_id: `broadcast:${id}:1`, user_id: n }),
        ),
        row(1, daysAgo(45), { ...told, event_id: `broadcast:${id}:2` }),
        row(4, daysAgo(45), { ...told, event_id: `broadcast:${id}:3` }),
        row(2, daysAgo(44), { company_id }),
        row(3, daysAgo(43), { company_id }),
      ]);
    });
    await retire(database);
    assert.deepEqual(new Set(await left(database)), new Set(['broadcast:1:1', 'broadcast:1:3', 'e2']));
    assert.equal((await left(database)).length, 6);
  });

  test('takes a whole batch out at once', async (t) => {
    const database = await open(t);
    await database.write((tx) =>
      logDeliveries(
        tx,
        Array.from({ length: HOUSEKEEPING_BATCH + 1 }, (_, n) => row(n, daysAgo(40))),
      ),
    );
    await retire(database, HOUSEKEEPING_BATCH);
    assert.deepEqual(await left(database), []);
    assert.deepEqual(
      (await totals(database)).map(({ deliveries }) => Number(deliveries)),
      [HOUSEKEEPING_BATCH + 1],
    );
  });

  test('counts each row once, whichever of two processes takes it out', async (t) => {
    const [one, two] = await openTwice(t);
    const rows = Array.from({ length: 40 }, (_, n) => row(n, daysAgo(40)));
    await one.write((tx) => logDeliveries(tx, rows));
    await Promise.all([retire(one, 7), retire(two, 9)]);
    assert.deepEqual(await left(one), []);
    assert.deepEqual(
      (await totals(two)).map(({ deliveries }) => deliveries),
      [40],
    );
  });
});
