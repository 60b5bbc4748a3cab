import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createPartition } from '#actors/partition.ts';
import { createWorker } from '#actors/worker.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { systemClock } from '#streams/clock.ts';
import { allPartitionKeys } from '#streams/keys.ts';
import { createMembers } from '#streams/members.ts';
import { agreeOnPartitions, PartitionCountError } from '#streams/partition-count.ts';
import { eventually } from './support/eventually.ts';
import { testHandler } from './support/partition.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';
import { openSalon, type Salon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const log = pino({ level: 'silent' });
const COUNT = 8;
const PARTITIONS = allPartitionKeys({ prefix: '', stream: 'events:p2p', partitions: COUNT });

function startWorker(server: TestRedis, self: string) {
  const handler = testHandler(async () => ({ kind: 'done', receipt: self }));
  const redis = connectRedis({ url: server.url, log });
  const worker = createWorker({
    self,
    members: createMembers({ redis, key: 'workers', self }),
    partitions: PARTITIONS,
    createPartition: (keys) =>
      createPartition({
        redis,
        connectBlocking: () => connectRedis({ url: server.url, log }),
        keys,
        handler,
        maxDeliveries: 3,
        backoff: () => 10,
        clock: systemClock,
        fearless: true,
        log,
      }),
    clock: systemClock,
    log,
  });
  worker.start();
  const owned = () => PARTITIONS.filter(({ stream }) => worker.owns(stream)).length;
  return {
    handler,
    owned,
    async stop() {
      await worker.stop(AbortSignal.timeout(2000));
      redis.disconnect();
    },
  };
}

test('workers that come and go share the partitions, and every entry is delivered once', async (t) => {
  const server = await startTestRedis(t);
  const first = startWorker(server, 'first');
  await eventually(() => assert.equal(first.owned(), COUNT));
  const second = startWorker(server, 'second');
  await eventually(() => {
    assert.equal(first.owned() + second.owned(), COUNT);
    assert.equal(first.owned() < COUNT && second.owned() < COUNT, true);
  });

  const results = () => [...first.handler.results, ...second.handler.results];
  let n = 0;
  const addSome = async (count: number) => {
    for (const end = n + count; n < end; n += 1)
      await server.redis.xadd(
        PARTITIONS[n % COUNT]?.stream ?? '',
        '*',
        'event',
        JSON.stringify({ n, to: [`r${n % 3}`] }),
      );
  };
  await addSome(200);
  const adding = addSome(200);
  const leftAt = performance.now();
  await second.stop();
  await eventually(() => assert.equal(first.owned(), COUNT), 3000);
  assert.equal(performance.now() - leftAt < 3000, true, 'an orderly leave hands over at once');
  await adding;
  await eventually(() => assert.equal(results().length, 400));
  assert.equal(new Set(results().map((result) => result.n)).size, 400);
  await first.stop();
});

test('the number of partitions cannot change while events are under way', async (t) => {
  const server = await startTestRedis(t);
  const agree = (partitions: number) =>
    agreeOnPartitions(server.redis, { prefix: '', stream: 'events:p2p', partitions, setting: 'P2P_PARTITIONS' });
  await agree(8);
  await agree(8);
  await server.redis.xadd('events:p2p:{3}', '*', 'event', '{}');
  await assert.rejects(agree(4), (error) => {
    assert.equal(error instanceof PartitionCountError, true);
    assert.match(String(error), /P2P_PARTITIONS is 4, but this Redis works with 8 and 1 events are under way/);
    return true;
  });
  await server.redis.del('events:p2p:{3}');
  await server.redis.set('events:p2p:{5}:lease', 'somebody', 'PX', 300);
  await assert.rejects(agree(4));
  await sleep(350);
  await agree(4);
  await assert.rejects(
    (async () => {
      await server.redis.xadd('events:p2p:{1}', '*', 'event', '{}');
      await agree(1);
    })(),
  );
});

test('with several partitions every company is served, in order, by the whole product', async (t) => {
  const vestnik = await startVestnik(t, { env: { P2P_PARTITIONS: '4' } });
  const salons: Salon[] = [];
  for (let n = 0; n < 5; n += 1) salons.push(await openSalon(vestnik));
  const ids = new Map<Salon, number[]>(salons.map((salon) => [salon, []]));
  for (let hour = 0; hour < 6; hour += 1)
    for (const salon of salons) {
      const starts_at = new Date(Date.UTC(2027, 0, 5, hour)).toISOString();
      ids.get(salon)?.push((await salon.book('client', { starts_at })).id);
    }
  await eventually(() => {
    for (const salon of salons) {
      const numbers = shown(vestnik, salon, 'admin').map((text) => Number(/#(\d+)/.exec(text)?.[1]));
      assert.deepEqual(numbers, ids.get(salon));
    }
  });
  await eventually(async () => {
    for (const { stream } of allPartitionKeys({ prefix: '', stream: 'events:p2p', partitions: 4 }))
      assert.equal(await vestnik.redis.redis.xlen(stream), 0);
  });
});
