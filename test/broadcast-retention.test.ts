import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retireDeliveries } from '#src/db/delivery-retention.ts';
import { act, broadcast, broadcastNow, heard, openCrowd, untilStatus } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const TEN_MS = 10;

/** The log keeps nothing that ended before. */
async function retire(vestnik: Vestnik, before: Date): Promise<void> {
  let after: Awaited<ReturnType<typeof retireDeliveries>> | undefined;
  do after = await retireDeliveries(vestnik.database, { before, after: after ?? undefined, limit: 1 });
  while (after);
}

const logged = (vestnik: Vestnik) =>
  vestnik.database.read().execute<{ status: string }[]>('SELECT status FROM deliveries ORDER BY id');

test('an ad is not sent again to those of whom the log tells no more, whatever is tried again', async (t) => {
  const vestnik = await startVestnik(t);
  const crowd = await openCrowd(vestnik, 3);
  const heal = vestnik.telegram.fault(crowd.people[2]?.chat ?? 0, { kind: 'server_error' }, { times: 3 });
  const { id } = await broadcast(vestnik, crowd);
  const { progress } = await untilStatus(vestnik, id, 'completed');
  assert.deepEqual([heard(vestnik, crowd), progress.sent, progress.failed], [[1, 1, 0], 2, 1]);
  heal();

  const [chunk] = await vestnik.database
    .read()
    .execute<{ finished_at: number }[]>('SELECT finished_at FROM broadcast_chunks');
  const finishedAt = chunk?.finished_at ?? 0;
  await retire(vestnik, new Date(finishedAt));
  assert.equal((await logged(vestnik)).length, 3, 'the chunk has not aged yet');
  await retire(vestnik, new Date(finishedAt + TEN_MS));
  assert.deepEqual(await logged(vestnik), []);

  assert.equal((await act(vestnik, id, 'retry-failed')).status, 200);
  const again = await untilStatus(vestnik, id, 'completed');
  assert.deepEqual([again.progress.sent, again.progress.failed], [2, 1]);
  assert.deepEqual(heard(vestnik, crowd), [1, 1, 0]);

  const replay = await vestnik.call('POST', '/v1/dead-letters/replay', { all: true });
  assert.equal(replay.body.replayed, 1);
  await eventually(() => assert.deepEqual(heard(vestnik, crowd), [1, 1, 1]));
  await eventually(async () => assert.equal((await logged(vestnik)).length, 1));
  assert.equal((await act(vestnik, id, 'retry-failed')).status, 200);
  await untilStatus(vestnik, id, 'completed');
  assert.deepEqual(heard(vestnik, crowd), [1, 1, 1]);
  assert.equal((await broadcastNow(vestnik, id)).progress.sent, 2);
});
