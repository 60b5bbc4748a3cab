import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppWorker } from './support/app-worker.ts';
import {
  act,
  assertOnce,
  broadcast,
  broadcastNow,
  heard,
  heardInAll,
  openCrowd,
  startAt,
  untilStatus,
} from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';

describe('who shares the way', { concurrency: 2 }, () => {
  test('companies take turns, and a paused broadcast holds up neither another one nor an event in its lane', async (t) => {
    const vestnik = await startAt(t, 50);
    const salon = await openSalon(vestnik);
    const { id: booking_id } = await salon.book(null);
    const [great, small, third] = [
      await openCrowd(vestnik, 450),
      await openCrowd(vestnik, 20),
      await openCrowd(vestnik, 20),
    ];
    const first = await broadcast(vestnik, great);
    await eventually(() => assert.equal(heardInAll(vestnik, great) > 40, true));
    const before = heardInAll(vestnik, great);
    const second = await broadcast(vestnik, small);
    await eventually(() => assert.equal(heardInAll(vestnik, small), 20));
    const meanwhile = heardInAll(vestnik, great) - before;
    assert.equal(meanwhile < 200, true, `${meanwhile} of the other company meanwhile`);
    await untilStatus(vestnik, second.id, 'completed');
    assertOnce(vestnik, small);

    await act(vestnik, first.id, 'pause');
    const event = {
      ...{ id: 'reminder', type: 'booking_reminder', lane: 'broadcast', company_id: salon.companyId, booking_id },
      ...{ initiated_by: { user_id: null, role: 'cron', channel: 'test' }, ts: Math.floor(Date.now() / 1000) },
    };
    const told = shown(vestnik, salon, 'client').length;
    assert.equal((await vestnik.call('POST', '/v1/events', event)).status, 202);
    const other = await broadcast(vestnik, third);
    await untilStatus(vestnik, other.id, 'completed');
    await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, told + 1));
    assert.equal((await broadcastNow(vestnik, first.id)).status, 'paused');
    await act(vestnik, first.id, 'cancel');
    assert.equal(
      heard(vestnik, great).every((count) => count <= 1),
      true,
    );
  });

  test('of several processes one starts and cuts each broadcast, whatever goes away meanwhile', async (t) => {
    const vestnik = await startAt(t, 100);
    await Promise.all([
      startAppWorker(t, vestnik.env, 'scheduler'),
      startAppWorker(t, vestnik.env, 'worker,scheduler'),
    ]);
    const crowd = await openCrowd(vestnik, 700);
    const { id } = await broadcast(vestnik, crowd);
    const until = (count: number) => eventually(() => assert.equal(heardInAll(vestnik, crowd) >= count, true), 20_000);
    await until(80);
    await vestnik.redis.flush();
    await until(200);
    await vestnik.redis.kill();
    await sleep(1_500);
    await vestnik.redis.start();
    await until(350);
    await vestnik.database.write(() => sleep(3_000));
    await untilStatus(vestnik, id, 'completed');
    assertOnce(vestnik, crowd);
    const rows = await vestnik.database
      .read()
      .execute<{ number: number; size: number }[]>(
        'SELECT number, size FROM broadcast_chunks WHERE broadcast_id = ? ORDER BY number',
        [id],
      );
    assert.deepEqual(
      rows,
      [1, 2, 3, 4, 5, 6, 7].map((number) => ({ number, size: 100 })),
    );
    await vestnik.settled();
  });
});
