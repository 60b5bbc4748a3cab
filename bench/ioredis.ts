import { Redis as Ioredis5 } from 'ioredis';
import { Redis as Ioredis6 } from 'ioredis6';
import { socketPath } from '#src/redis/connection.ts';
import { systemClock } from '#streams/clock.ts';
import { createConsumer } from '#streams/consumer.ts';
import { partitionKeys } from '#streams/keys.ts';
import { publish } from '#streams/publisher.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { startRedis } from './redis-server.ts';
import type { Figures } from './rounds.ts';

/** Which ioredis serves this engine better: microseconds an entry, for what the engine asks of its client. */

const ENTRIES = 20_000;
const BATCH = 500;
const TOKEN = 'bench';
const keys = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });

const publications = Array.from({ length: BATCH }, (_, number) => ({
  key: String(number),
  event: JSON.stringify({ n: number, filler: 'x'.repeat(180) }),
}));

/** Wall time, and what this process alone spent of it. */
async function costOf(name: string, work: () => Promise<unknown>): Promise<Figures> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    [`${name} µs`]: ((performance.now() - startedAt) * 1000) / ENTRIES,
    [`${name} CPU µs`]: (user + system) / ENTRIES,
  };
}

async function inBatches(work: (batch: number) => Promise<unknown>): Promise<void> {
  for (let batch = 0; batch * BATCH < ENTRIES; batch += 1) await work(batch);
}

async function measure(redis: Ioredis5): Promise<Figures> {
  await redis.flushall();
  const script = await costOf('EVALSHA of 500', () =>
    inBatches((batch) =>
      publish(
        redis,
        keys,
        publications.map(({ key, event }) => ({ key: `${batch} ${key}`, event })),
      ),
    ),
  );

  await redis.set(keys.lease, TOKEN);
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const consumer = createConsumer({ clock: systemClock, redis, blocking: redis, keys, token: TOKEN, log });
  await consumer.open();
  let read = 0;
  const decode = await costOf('read of 500', () =>
    inBatches(async () => {
      read += (await consumer.read(BATCH)).length;
    }),
  );
  if (read !== ENTRIES) throw new Error(`read ${read} of ${ENTRIES} entries`);

  await redis.flushall();
  const add = await costOf('pipelined XADD', () =>
    inBatches(async () => {
      const pipeline = redis.pipeline();
      for (const { event } of publications) pipeline.xadd(keys.stream, '*', 'event', event);
      await pipeline.exec();
    }),
  );
  return { ...decode, ...add, ...script };
}

async function compare(bench: Bench): Promise<Report> {
  const path = socketPath(await startRedis(bench, 'redis', 'no')) ?? '';
  const five = new Ioredis5({ path });
  const six = new Ioredis6({ path });
  const sixOnResp2 = new Ioredis6({ path, protocol: 2 });
  bench.onEnd(() => five.disconnect());
  bench.onEnd(() => six.disconnect());
  bench.onEnd(() => sixOnResp2.disconnect());
  const cases = [
    { name: 'ioredis 5.11.1', run: () => measure(five) },
    // The engine's own functions are typed for the version in use; the commands they call are the same in both.
    { name: 'ioredis 6.0.0', run: () => measure(six as unknown as Ioredis5) },
    { name: 'ioredis 6.0.0, RESP2', run: () => measure(sixOnResp2 as unknown as Ioredis5) },
  ];
  for (const { run } of cases) await run();
  return {
    results: await bench.alternate(cases),
    notes: [
      `Microseconds an entry of 200 B, ${ENTRIES.toLocaleString('en-US')} entries a round in batches of ${BATCH}, appendfsync no, one unix socket.`,
      'CPU is what the Node process spent, Redis not counted. The read is the fenced XREADGROUP script with decoding.',
    ],
  };
}

await runBench('ioredis', compare);
