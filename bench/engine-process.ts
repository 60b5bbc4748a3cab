import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Redis } from 'ioredis';
import { createClient } from '#src/redis/connection.ts';
import { serveParent } from './child-process.ts';
import { createBareLoop } from './engine-bare-loop.ts';
import { createBullMq } from './engine-bullmq.ts';
import { type Contender, type ContenderName, eventOf } from './engine-contender.ts';
import type { LatencyOrder, StartOrder, WorkDone } from './engine-crew.ts';
import { createPartitions } from './engine-partitions.ts';
import { createSupply } from './engine-supply.ts';

/** One contender (CONTENDER, REDIS_URL) in a process of its own, ordered about over HTTP. */

const MEMORY_EVERY_MS = 10;
const IDLE_BEFORE_MS = 300;
const OVERDUE_MS = 10_000;
const STOP_WITHIN_MS = 3000;

const CONTENDERS: Record<ContenderName, (connect: () => Redis) => Contender> = {
  engine: createPartitions,
  bullmq: createBullMq,
  bare: createBareLoop,
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const connect = () => createClient(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const name = process.env.CONTENDER as ContenderName;
const contender = CONTENDERS[name](connect);

let firstAt: number | null = null;
let memory: WorkDone['memory'] = { rssBefore: 0, rssPeak: 0, heapBefore: 0, heapPeak: 0 };
let sampling: NodeJS.Timeout | undefined;

function sampleMemory(): void {
  const { rss, heapUsed } = process.memoryUsage();
  memory.rssPeak = Math.max(memory.rssPeak, rss);
  memory.heapPeak = Math.max(memory.heapPeak, heapUsed);
}

async function start({ work, watchMemory }: StartOrder): Promise<void> {
  const { rss, heapUsed } = process.memoryUsage();
  memory = { rssBefore: rss, rssPeak: rss, heapBefore: heapUsed, heapPeak: heapUsed };
  if (watchMemory) sampling = setInterval(sampleMemory, MEMORY_EVERY_MS);
  firstAt = null;
  await contender.start(work, () => {
    firstAt ??= performance.timeOrigin + performance.now();
  });
}

async function stop(): Promise<WorkDone> {
  clearInterval(sampling);
  await contender.stop();
  // What a run leaves behind is not the next one's to collect.
  collectGarbage();
  return { firstAt, memory };
}

/** Adds events one by one at a pace; all contenders begin them in the order of adding. */
async function measureLatency({ work, count, everyMs, bytes }: LatencyOrder): Promise<number[]> {
  const producer = connect();
  const supply = createSupply(name, producer, work.partitions);
  const event = eventOf(bytes);
  const addedAt: number[] = [];
  const latencies: number[] = [];
  await supply.fill(0, event);
  await contender.start(work, () => latencies.push(performance.now() - (addedAt[latencies.length] ?? Number.NaN)));
  await sleep(IDLE_BEFORE_MS);
  for (let number = 0; number < count; number += 1) {
    const next = sleep(everyMs);
    addedAt.push(performance.now());
    await Promise.all([supply.add(event), next]);
  }
  const giveUpAt = performance.now() + OVERDUE_MS;
  while (latencies.length < count) {
    if (performance.now() > giveUpAt) throw new Error(`${latencies.length} of ${count} events were handled`);
    await sleep(5);
  }
  await contender.stop();
  producer.disconnect();
  return latencies;
}

const ORDERS: Record<string, (order: unknown) => Promise<unknown>> = {
  '/start': (order) => start(order as StartOrder),
  '/stop': stop,
  '/latency': (order) => measureLatency(order as LatencyOrder),
};

const server = createServer((request, response) => {
  const answer = async () => await ORDERS[request.url ?? '']?.(JSON.parse((await text(request)) || 'null'));
  answer().then(
    (result) => response.end(JSON.stringify(result ?? null)),
    (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveParent({ url: `http://127.0.0.1:${port}` }, () => Promise.race([contender.stop(), sleep(STOP_WITHIN_MS)]));
});
