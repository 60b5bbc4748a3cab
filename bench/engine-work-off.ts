import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type ContenderName, eventOf } from './engine-contender.ts';
import type { Crew, Lab, WorkDone } from './engine-crew.ts';
import { createSupply, emptyRedis, type Supply } from './engine-supply.ts';

const LOOK_EVERY_MS = 2;
const OVERDUE_MS = 120_000;

export interface Effort {
  contender: ContenderName;
  crew: Crew;
  events: number;
  bytes: number;
  /** Recipients an event. BullMQ knows none: a job each. */
  each: number;
  partitions: number;
  /** The run ends when so many events are settled; all of them when left out. */
  settle?: number;
  /** After so many settled events the pace is read a first time. */
  lap?: number;
  watchMemory?: boolean;
  /** Called when the events wait and nobody is at work yet. */
  onFilled?(): Promise<unknown>;
  /** Called when the last event is settled. */
  onSettled?(): Promise<unknown>;
}

export interface Worked {
  deliveriesPerSecond: number;
  /** Until the lap; the whole when there was none. */
  lapPerSecond: number;
  /** Processor time of the contender's processes a delivery, in microseconds. */
  cpuMicros: number;
  /** The same of Redis. */
  redisMicros: number;
  /** What Redis keeps for one waiting event. */
  bytesPerEvent: number;
  done: WorkDone[];
}

/** Fills, has the crew work it off, and measures from the first delivery's beginning to the last event's settlement. */
export async function workOff({ redis }: Lab, effort: Effort): Promise<Worked> {
  const { crew, each, partitions, contender } = effort;
  const supply = createSupply(contender, redis, partitions);
  const perEvent = contender === 'bullmq' ? each : 1;
  const count = effort.events * perEvent;
  const goal = count - (effort.settle ?? effort.events) * perEvent;

  await emptyRedis(redis);
  const emptyBytes = await usedMemory(redis);
  await supply.fill(count, eventOf(effort.bytes));
  const bytesPerEvent = ((await usedMemory(redis)) - emptyBytes) / effort.events;
  await effort.onFilled?.();

  const [cpuBefore, redisBefore] = [await crew.cpuMicros(), await redisMicros(redis)];
  await crew.start({ each, partitions }, effort.watchMemory ?? false);
  const giveUpAt = performance.now() + OVERDUE_MS;
  const lapGoal = count - (effort.lap ?? effort.events) * perEvent;
  let lap = await look(supply);
  let now = lap;
  while (now.left > goal) {
    if (performance.now() > giveUpAt)
      throw new Error(`${contender}: ${now.left} of ${count} are left after two minutes`);
    await sleep(LOOK_EVERY_MS);
    now = await look(supply);
    if (lap.left > lapGoal) lap = now;
  }
  const redisAfter = await redisMicros(redis);
  const cpuAfter = await crew.cpuMicros();
  await effort.onSettled?.();
  const done = await crew.stop();

  const startedAt = Math.min(...done.map(({ firstAt }) => firstAt ?? Number.POSITIVE_INFINITY));
  const deliveriesAt = ({ left }: Look) => ((count - left) / perEvent) * each;
  const paceAt = (moment: Look) => (deliveriesAt(moment) * 1000) / (moment.at - startedAt);
  const deliveries = deliveriesAt(now);
  return {
    deliveriesPerSecond: paceAt(now),
    lapPerSecond: paceAt(lap),
    cpuMicros: (cpuAfter - cpuBefore) / deliveries,
    redisMicros: (redisAfter - redisBefore) / deliveries,
    bytesPerEvent,
    done,
  };
}

interface Look {
  left: number;
  /** In ms since 1970, as precise as the clock of a process that measures durations. */
  at: number;
}

async function look(supply: Supply): Promise<Look> {
  const left = await supply.left();
  return { left, at: performance.timeOrigin + performance.now() };
}

export async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}

/** Processor time so far, in microseconds. */
export async function redisMicros(redis: Redis): Promise<number> {
  const cpu = await redis.info('cpu');
  const seconds = (field: string) => Number(new RegExp(`${field}:([\\d.]+)`).exec(cpu)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1_000_000;
}
