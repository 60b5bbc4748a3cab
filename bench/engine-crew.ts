import type { Redis } from 'ioredis';
import { createClient } from '#src/redis/connection.ts';
import type { Bench } from './bench-run.ts';
import { type Child, startChild } from './child-process.ts';
import type { ContenderName, Work } from './engine-contender.ts';
import { startRedis } from './redis-server.ts';

export interface StartOrder {
  work: Work;
  /** Samples the memory's peak, which costs some percent of the pace. */
  watchMemory: boolean;
}

/** What a process tells at the end of its work. */
export interface WorkDone {
  /** When its first delivery began, in ms since 1970; null for none. */
  firstAt: number | null;
  /** In bytes; the heap is what V8 calls used. */
  memory: { rssBefore: number; rssPeak: number; heapBefore: number; heapPeak: number };
}

export interface LatencyOrder {
  work: Work;
  count: number;
  everyMs: number;
  bytes: number;
}

/** One contender's processes at work together. */
export interface Crew {
  start(work: Pick<Work, 'each' | 'partitions'>, watchMemory: boolean): Promise<void>;
  stop(): Promise<WorkDone[]>;
  /** By the first process alone. */
  latencies(order: Omit<LatencyOrder, 'work'>): Promise<number[]>;
  /** Processor time so far, of all, in microseconds. */
  cpuMicros(): Promise<number>;
  lead: Child;
}

export interface Lab {
  redis: Redis;
  /** The same processes for the same name: they stay warm from run to run. @param label sets processes apart for one use */
  crew(contender: ContenderName, size: number, label?: string): Promise<Crew>;
}

/** A Redis of its own and the contenders' processes, started when first asked for; they end with the bench. */
export async function openLab(bench: Bench): Promise<Lab> {
  const url = await startRedis(bench, 'redis', 'always');
  const redis = createClient(url, { maxRetriesPerRequest: null });
  bench.onEnd(() => redis.disconnect());
  // A rewrite in the middle of a run would disturb only that one; the file is trimmed between the runs.
  await redis.config('SET', 'auto-aof-rewrite-percentage', '0');
  const started = new Map<string, Child[]>();
  return {
    redis,
    async crew(contender, size, label = '') {
      const key = `${contender} ${label}`;
      const children = started.get(key) ?? [];
      started.set(key, children);
      while (children.length < size)
        children.push(await startChild(bench, 'engine-process', { CONTENDER: contender, REDIS_URL: url }));
      return crewOf(children.slice(0, size));
    },
  };
}

async function ask<T>(child: Child, path: string, order: unknown = null): Promise<T> {
  const answer = await fetch(child.url + path, { method: 'POST', body: JSON.stringify(order) });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}

function crewOf(children: Child[]): Crew {
  const [lead] = children;
  if (!lead) throw new RangeError('a crew of nobody');
  const members = children.length;
  return {
    lead,
    async start(work, watchMemory) {
      const orderOf = (member: number): StartOrder => ({ work: { ...work, member, members }, watchMemory });
      await Promise.all(children.map((child, member) => ask(child, '/start', orderOf(member))));
    },
    stop: () => Promise.all(children.map((child) => ask<WorkDone>(child, '/stop'))),
    latencies: (order) =>
      ask(lead, '/latency', {
        ...order,
        work: { each: 1, partitions: 1, member: 0, members: 1 },
      } satisfies LatencyOrder),
    async cpuMicros() {
      const usages = await Promise.all(children.map((child) => child.usage()));
      return usages.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0);
    },
  };
}
