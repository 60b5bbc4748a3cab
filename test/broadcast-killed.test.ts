import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Delivery } from '#src/db/event-entities.ts';
import { findRows } from '#src/db/rows.ts';
import { type AppWorker, startAppWorker } from './support/app-worker.ts';
import {
  act,
  broadcast,
  broadcastNow,
  type Crowd,
  heard,
  heardInAll,
  openCrowd,
  untilStatus,
} from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

/** The test's own app answers requests; what is killed starts, cuts and sends. */
const ENV = { ROLES: 'api', BROADCAST_RATE_PER_SECOND: '90' };
const startDoomed = ({ env }: Vestnik, t: Parameters<typeof startAppWorker>[0]): Promise<AppWorker> =>
  startAppWorker(t, env, 'worker,scheduler');

/** SIGKILL; whoever comes next need not wait for the leases of the dead. */
async function killNow({ redis }: Vestnik, doomed: AppWorker): Promise<void> {
  await doomed.kill();
  await redis.redis.del('events:broadcast:lease', 'broadcasts:lease', 'events:workers');
}

/** Those of whom nobody knows whether they have got it, by the log. */
async function unknownPeople({ database }: Vestnik, { companyId, people }: Crowd, id: number): Promise<number[]> {
  const rows = await findRows(database.read(), Delivery, { company_id: companyId, status: 'dead' });
  const ids = rows
    .filter(
      ({ event_id, reason }) => event_id.startsWith(`broadcast:${id}:`) && reason?.startsWith('outcome_unknown: '),
    )
    .map(({ user_id }) => user_id);
  return people.flatMap((person, index) => (ids.includes(person.id) ? [index] : []));
}

/** Everybody has heard once; of those whose send was under way at a kill, at most `most`, nobody knows. Answers how many. */
async function assertOnceAtMost(vestnik: Vestnik, crowd: Crowd, id: number, most: number): Promise<number> {
  const unknown = await unknownPeople(vestnik, crowd, id);
  const counts = heard(vestnik, crowd);
  const wrong = counts.flatMap((count, index) =>
    count === 1 || (count === 0 && unknown.includes(index)) ? [] : [index],
  );
  assert.deepEqual(wrong, []);
  assert.equal(unknown.length <= most, true, `of ${unknown.length} nobody knows`);
  const { progress } = await broadcastNow(vestnik, id);
  assert.equal(progress.sent + unknown.length, crowd.people.length);
  return unknown.length;
}

describe('a process that is killed', { concurrency: 2 }, () => {
  test('killed several times in the middle, it tells nobody twice and loses none but those under way', async (t) => {
    const vestnik = await startVestnik(t, { env: ENV });
    const crowd = await openCrowd(vestnik, 450);
    // Answers come late, so that sends are under way at each kill.
    vestnik.telegram.fault('bot', { kind: 'slow', ms: 20 }, { methods: ['sendMessage'] });
    let doomed = await startDoomed(vestnik, t);
    const { id } = await broadcast(vestnik, crowd);
    const kills = [40, 160, 300];
    for (const atLeast of kills) {
      await eventually(() => assert.equal(heardInAll(vestnik, crowd) >= atLeast, true), 15_000);
      await killNow(vestnik, doomed);
      doomed = await startDoomed(vestnik, t);
    }
    await untilStatus(vestnik, id, 'completed');
    const unknown = await assertOnceAtMost(vestnik, crowd, id, 12 * kills.length);
    t.diagnostic(`of ${unknown} people nobody knows after ${kills.length} kills`);
    await vestnik.settled();
  });

  test('killed before it starts, while paused, after cancel or after retry-failed, it goes on as it was told', async (t) => {
    const vestnik = await startVestnik(t, { env: { ...ENV, BROADCAST_RATE_PER_SECOND: '60' } });
    const [planned, paused, cancelled, failed] = [
      await openCrowd(vestnik, 30),
      await openCrowd(vestnik, 90),
      await openCrowd(vestnik, 90),
      await openCrowd(vestnik, 5),
    ];
    const heal = failed.people.map(({ chat }) => vestnik.telegram.fault(chat, { kind: 'server_error' }));
    let doomed = await startDoomed(vestnik, t);
    const again = async () => {
      await killNow(vestnik, doomed);
      doomed = await startDoomed(vestnik, t);
    };

    const later = await broadcast(vestnik, planned, { send_at: new Date(Date.now() + 3_000).toISOString() });
    const { id: failedId } = await broadcast(vestnik, failed);
    await untilStatus(vestnik, failedId, 'completed');
    assert.deepEqual((await broadcastNow(vestnik, failedId)).progress.failed_by, { telegram_500: 5 });
    for (const end of heal) end();
    assert.equal((await act(vestnik, failedId, 'retry-failed')).body.status, 'running');
    await again();
    await untilStatus(vestnik, failedId, 'completed');
    await assertOnceAtMost(vestnik, failed, failedId, 5);
    await untilStatus(vestnik, later.id, 'completed');
    await assertOnceAtMost(vestnik, planned, later.id, 8);

    const { id: pausedId } = await broadcast(vestnik, paused);
    const { id: cancelledId } = await broadcast(vestnik, cancelled);
    await eventually(() => assert.equal(heardInAll(vestnik, paused) > 10 && heardInAll(vestnik, cancelled) > 10, true));
    assert.equal((await act(vestnik, cancelledId, 'cancel')).body.status, 'cancelled');
    assert.equal((await act(vestnik, pausedId, 'pause')).body.status, 'paused');
    await again();
    const heardBefore = [heardInAll(vestnik, paused), heardInAll(vestnik, cancelled)];
    await sleep(1_000);
    assert.deepEqual([heardInAll(vestnik, paused), heardInAll(vestnik, cancelled)], heardBefore);
    await act(vestnik, pausedId, 'resume');
    await untilStatus(vestnik, pausedId, 'completed');
    await assertOnceAtMost(vestnik, paused, pausedId, 8);
    assert.equal(heardInAll(vestnik, cancelled), heardBefore[1]);
    assert.equal(
      heard(vestnik, cancelled).every((count) => count <= 1),
      true,
    );
    assert.equal((await broadcastNow(vestnik, cancelledId)).status, 'cancelled');
    await vestnik.settled();
  });
});
