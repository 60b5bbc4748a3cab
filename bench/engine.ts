import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Delivery, EntryHandler } from '#actors/handler.ts';
import { createPartition } from '#actors/partition.ts';
import { createClient } from '#src/redis/connection.ts';
import { systemClock } from '#streams/clock.ts';
import { GROUP, partitionKeys } from '#streams/keys.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { createCpuProfile, topCosts } from './cpu-profile.ts';
import { startRedis } from './redis-server.ts';
import type { Case, Figures } from './rounds.ts';

/** How many entries a second one process works off when the handler does nothing, beside a bare loop and BullMQ. */

const ENTRIES = 20_000;
const BATCH = 500;
const RECIPIENTS = 5000;
const BULLMQ_JOBS = 8000;
const BULLMQ_CONCURRENCY = 100;
const EVENT = JSON.stringify({ type: 'bench', filler: 'x'.repeat(170) });

const keys = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });
const log = pino({ level: 'silent' });

type Connect = () => Redis;

async function fill(redis: Redis): Promise<void> {
  await redis.flushall();
  for (let added = 0; added < ENTRIES; added += BATCH) {
    const pipeline = redis.pipeline();
    for (let number = 0; number < BATCH; number += 1) pipeline.xadd(keys.stream, '*', 'event', EVENT);
    await pipeline.exec();
  }
}

/** Delivers nothing, at once, to `each` recipients an entry out of many; tells when the first entry came. */
function noOpHandler(each: number, onFirst: () => void): EntryHandler<string> {
  let planned = 0;
  return {
    tenantOf: () => '',
    async plan() {
      if (planned === 0) onFirst();
      const deliveries = Array.from({ length: each }, (_, index): Delivery<string> => {
        const recipient = `user:${(planned * each + index) % RECIPIENTS}`;
        return { recipient, deliver: async () => ({ kind: 'done', receipt: '' }), dead: () => '' };
      });
      planned += 1;
      return { kind: 'deliver', deliveries, concluded: [] };
    },
    record: async () => undefined,
    readReceipt: String,
  };
}

async function runEngine(connect: Connect, each: number, onFilled?: () => Promise<unknown>): Promise<Figures> {
  const [redis, probe] = [connect(), connect()];
  await fill(probe);
  await onFilled?.();
  let startedAt = 0;
  const handler = noOpHandler(each, () => {
    startedAt = performance.now();
  });
  const options = { maxDeliveries: 3, backoff: () => 1000, clock: systemClock, fearless: true };
  const partition = createPartition({ redis, connectBlocking: connect, keys, handler, log, ...options });
  partition.start();
  while ((await probe.xlen(keys.stream)) > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const seconds = (performance.now() - startedAt) / 1000;
  await partition.stop(AbortSignal.timeout(2000));
  for (const connection of [redis, probe]) connection.disconnect();
  return { 'entries/s': ENTRIES / seconds, 'deliveries/s': (ENTRIES * each) / seconds };
}

/** No order, no ledger, no retry, no ownership: what Redis and the client allow at all. */
async function runBareLoop(connect: Connect): Promise<Figures> {
  const redis = connect();
  await fill(redis);
  await redis.xgroup('CREATE', keys.stream, GROUP, '0');
  const startedAt = performance.now();
  for (let done = 0; done < ENTRIES; ) {
    const reply = await redis.xreadgroup('GROUP', GROUP, 'bare', 'COUNT', BATCH, 'STREAMS', keys.stream, '>');
    const [[, entries]] = reply as [[string, [string, string[]][]]];
    const ids = entries.map(([id]) => id);
    await redis
      .pipeline()
      .xack(keys.stream, GROUP, ...ids)
      .xdel(keys.stream, ...ids)
      .exec();
    done += ids.length;
  }
  const perSecond = (ENTRIES * 1000) / (performance.now() - startedAt);
  redis.disconnect();
  return { 'entries/s': perSecond, 'deliveries/s': perSecond };
}

async function runBullMq(connect: Connect): Promise<Figures> {
  const [adding, working] = [connect(), connect()];
  await adding.flushall();
  const queue = new Queue('bench', { connection: adding });
  for (let added = 0; added < BULLMQ_JOBS; added += BATCH)
    await queue.addBulk(Array.from({ length: BATCH }, () => ({ name: 'bench', data: EVENT })));
  let startedAt = 0;
  let completed = 0;
  const worker = new Worker(
    'bench',
    async () => {
      if (startedAt === 0) startedAt = performance.now();
    },
    { connection: working, concurrency: BULLMQ_CONCURRENCY, removeOnComplete: { count: 0 }, autorun: false },
  );
  const finished = new Promise<void>((resolve, reject) => {
    worker.on('completed', () => {
      completed += 1;
      if (completed === BULLMQ_JOBS) resolve();
    });
    worker.on('failed', (_job, error) => reject(error));
  });
  await Promise.race([finished, worker.run()]);
  const perSecond = (BULLMQ_JOBS * 1000) / (performance.now() - startedAt);
  await worker.close();
  await queue.close();
  adding.disconnect();
  working.disconnect();
  return { 'entries/s': perSecond, 'deliveries/s': perSecond };
}

async function compare(bench: Bench): Promise<Report> {
  const url = await startRedis(bench, 'redis', 'always');
  const connect: Connect = () => createClient(url, { maxRetriesPerRequest: null });
  const cases: Case[] = [
    { name: 'engine, 1 recipient', run: () => runEngine(connect, 1) },
    { name: 'engine, 3 recipients', run: () => runEngine(connect, 3) },
    { name: 'bare XREADGROUP + XACK + XDEL', run: () => runBareLoop(connect) },
    { name: 'BullMQ 6.7.0, no-op job', run: () => runBullMq(connect) },
  ];
  for (const { name, run } of cases) {
    bench.say(`warm-up: ${name}`);
    await run();
  }
  if (bench.profile) {
    bench.say('profile: engine, 1 recipient');
    const profile = createCpuProfile();
    await runEngine(connect, 1, profile.start);
    process.stderr.write(`\n${topCosts(await profile.stop())}\n\n`);
  }
  return {
    results: await bench.alternate(cases),
    notes: [
      `${ENTRIES.toLocaleString('en-US')} entries of 200 B for ${RECIPIENTS.toLocaleString('en-US')} recipients (BullMQ: ${BULLMQ_JOBS.toLocaleString('en-US')} jobs, concurrency ${BULLMQ_CONCURRENCY}) are in Redis before a`,
      'run begins; timed from the first one handed over to the last one settled, one process, appendfsync always for all. The engine',
      'keeps order, ledger and retry; the bare loop keeps nothing.',
    ],
  };
}

await runBench('engine', compare);
