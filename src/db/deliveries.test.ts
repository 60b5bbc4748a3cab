import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { type DeliveryRecord, logDeliveries, loggedOutcomes } from './deliveries.ts';
import { Delivery } from './event-entities.ts';

const recordOf = (user_id: number, changes: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  company_id: 1,
  event_id: 'e-1',
  event_type: 'booking_created',
  booking_id: 7,
  user_id,
  role: 'client',
  channel: 'telegram',
  status: 'delivered',
  reason: null,
  attempts: 1,
  chat_id: 2 ** 45,
  message_id: 10,
  finished_at: new Date('2026-01-28T11:00:00.123Z'),
  ...changes,
});
const DEAD = { status: 'dead', reason: 'no answer', attempts: 3, chat_id: null, message_id: null } as const;

describeOnEachDatabase('the delivery log', ({ open }) => {
  test('knows for whom an event has ended, however it ended', async (t) => {
    const database = await open(t);
    await database.write((tx) =>
      logDeliveries(tx, [
        recordOf(1),
        recordOf(2, DEAD),
        recordOf(3, { status: 'suppressed' }),
        recordOf(4, { event_id: 'e-2' }),
      ]),
    );
    const outcomes = await loggedOutcomes(database, 1, 'e-1');
    assert.deepEqual(
      [...outcomes.values()].map(({ user_id, role, status }) => [user_id, role, status]),
      [
        [1, 'client', 'delivered'],
        [2, 'client', 'dead'],
        [3, 'client', 'suppressed'],
      ],
    );
    const { channel, reason, chat_id, message_id } = recordOf(1);
    const told = { user_id: 1, role: 'client', status: 'delivered', channel, reason, chat_id, message_id };
    assert.deepEqual(outcomes.get(1), told);
    assert.deepEqual(await loggedOutcomes(database, 2, 'e-1'), new Map());
  });

  test('holds one row per person and event when the same is logged again', async (t) => {
    const database = await open(t);
    for (let time = 0; time < 2; time += 1)
      await database.write((tx) => logDeliveries(tx, [recordOf(1), recordOf(1), recordOf(2)]));
    const rows = await database.read().find(Delivery, {}, { orderBy: { user_id: 'asc' } });
    assert.deepEqual(
      rows.map(({ id: _, ...row }) => row),
      [recordOf(1), recordOf(2)].map((record) => ({ ...record, merged_versions: null })),
    );
  });

  test('turns dead into delivered when a replay arrives, never back', async (t) => {
    const database = await open(t);
    const log = (record: DeliveryRecord) => database.write((tx) => logDeliveries(tx, [record]));
    await log(recordOf(1, DEAD));
    await log(recordOf(1, { attempts: 4 }));
    await log(recordOf(1, DEAD));
    const { id: _, ...row } = await database.read().findOneOrFail(Delivery, { user_id: 1 });
    assert.deepEqual(row, { ...recordOf(1, { attempts: 4 }), merged_versions: null });
    await database.write((tx) => logDeliveries(tx, [recordOf(2), recordOf(2, DEAD)]));
    assert.equal((await database.read().findOneOrFail(Delivery, { user_id: 2 })).status, 'delivered');
  });

  test('takes more rows than one statement holds', async (t) => {
    const database = await open(t);
    await database.write((tx) =>
      logDeliveries(
        tx,
        Array.from({ length: 1_100 }, (_, number) => recordOf(number + 1)),
      ),
    );
    assert.equal((await loggedOutcomes(database, 1, 'e-1')).size, 1_100);
  });
});
