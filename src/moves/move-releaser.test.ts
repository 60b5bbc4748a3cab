import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import { createBookingService } from '../bookings/booking-service.ts';
import type { Database } from '../db/database.ts';
import { Booking, Company } from '../db/entities.ts';
import { OutboxRow } from '../db/event-entities.ts';
import { nextMoveWindows } from '../db/move-windows.ts';
import { SYSTEM_INITIATOR } from '../domain/events.ts';
import { createLog } from '../observability/log.ts';
import { createMoveReleaser } from './move-releaser.ts';

const WINDOW_S = 1;

/** So many bookings that were moved twice: the second time waits. */
async function openMoved(t: TestContext, count: number): Promise<Database> {
  const database = await openTestDatabase(t);
  const ids = await database.write(insertCompany);
  await database.write((tx) => tx.nativeUpdate(Company, { id: ids.company_id }, { merge_moves_s: WINDOW_S }));
  const clock = () => new Date();
  const service = createBookingService({ database, clock, newId: randomUUID, onCommitted: () => undefined });
  await database.write(async (tx) => {
    for (let n = 0; n < count; n += 1) {
      const id = await tx.insert(Booking, bookingRow(ids, new Date(Date.now() + 86_400_000)));
      for (const duration_min of [30, 45])
        await service.reschedule(tx, id, { duration_min, allow_overlap: true, notify: true }, SYSTEM_INITIATOR);
    }
  });
  return database;
}

function startReleaser(t: TestContext, database: Database, { redis }: TestRedis) {
  let rung = 0;
  const releaser = createMoveReleaser({
    ...{ database, redis, keyPrefix: '', clock: () => new Date(), log: createLog('silent') },
    onCommitted: () => {
      rung += 1;
    },
  });
  t.after(() => releaser.stop());
  releaser.start();
  return { ...releaser, rung: () => rung };
}

const bookingsTold = async (database: Database): Promise<number[]> => {
  const rows = await database.read().find(OutboxRow, {}, { disableIdentityMap: true });
  return rows.map(({ event }) => JSON.parse(event).booking_id);
};

test('moves that wait go out when their windows close, each once, however many there are', async (t) => {
  const database = await openMoved(t, 250);
  const redis = await startTestRedis(t);
  const releasers = [startReleaser(t, database, redis), startReleaser(t, database, redis)];
  const windows = () => database.read().execute('SELECT booking_id FROM move_windows');
  await eventually(async () => assert.deepEqual(await windows(), []), 10_000);
  const told = await bookingsTold(database);
  assert.deepEqual([told.length, new Set(told).size], [500, 250]);
  assert.ok(releasers.some(({ rung }) => rung() >= 3));
});

test('what waits while Redis is away goes when it is back', async (t) => {
  const database = await openMoved(t, 1);
  const redis = await startTestRedis(t);
  await redis.kill();
  const releaser = startReleaser(t, database, redis);
  await eventually(async () => {
    const [window] = await nextMoveWindows(database.read(), 1);
    assert.ok(window && window.closesAt < new Date());
  });
  assert.equal((await bookingsTold(database)).length, 1);
  await redis.start();
  await eventually(async () => assert.equal((await bookingsTold(database)).length, 2), 15_000);
  await eventually(() => assert.equal(releaser.trouble(), null));
});
