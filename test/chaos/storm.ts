import { setTimeout as sleep } from 'node:timers/promises';
import type { TelegramSimulator } from '#sandbox/telegram/simulator.ts';
import type { TestRedis } from '#test/support/redis.ts';
import type { DatabaseWitness } from './database-witness.ts';
import type { Fleet } from './fleet.ts';
import type { Interruption } from './interruptions.ts';
import type { Disturbance, Planned } from './schedule.ts';

export interface StormOptions {
  fleet: Fleet;
  redis: TestRedis;
  telegram: TelegramSimulator;
  witness: DatabaseWitness;
  chats: readonly number[];
  say(line: string): void;
}

export interface Storm {
  interruptions: Interruption[];
  /** What a SIGTERM did not end in order. */
  badStops: string[];
  /** How often each kind of disturbance struck. */
  counts: Map<string, number>;
  /** Resolves when the last disturbance is over and everything runs again. */
  run(planned: readonly Planned[]): Promise<void>;
}

export function createStorm(options: StormOptions): Storm {
  const { fleet, redis, telegram, witness, chats, say } = options;
  const interruptions: Interruption[] = [];
  const badStops: string[] = [];
  const counts = new Map<string, number>();
  /** The last disturbance of each subject: there is one at a time. */
  const turns = new Map<string, Promise<void>>();

  /** Entered at its beginning, so that it counts even when the run ends in its middle. */
  function interrupt(
    kind: Interruption['kind'],
    process: number | null,
    partitions: number[] | null = null,
  ): Interruption {
    const at = Date.now();
    const interruption: Interruption = { kind, process, at, until: at, partitions };
    interruptions.push(interruption);
    return interruption;
  }

  async function strike(disturbance: Disturbance): Promise<void> {
    switch (disturbance.kind) {
      case 'kill': {
        const { process, downMs } = disturbance;
        const interruption = interrupt('kill', process, fleet.partitionsOf(process));
        await fleet.processes[process]?.kill();
        interruption.until = Date.now();
        // Its last words may have been read only now.
        interruption.partitions = fleet.partitionsOf(process);
        await sleep(downMs);
        return await fleet.ensure(process);
      }
      case 'restart': {
        const { process, downMs } = disturbance;
        const code = await fleet.processes[process]?.terminate();
        if (code !== 0) badStops.push(`process ${process} answered SIGTERM with ${code ?? 'nothing'}`);
        await sleep(downMs);
        return await fleet.ensure(process);
      }
      case 'pause': {
        const app = fleet.processes[disturbance.process];
        const interruption = interrupt('pause', disturbance.process, fleet.partitionsOf(disturbance.process));
        app?.pause();
        await sleep(disturbance.ms);
        interruption.until = Date.now();
        return app?.resume();
      }
      case 'redis_kill': {
        const interruption = interrupt('redis_kill', null);
        await redis.kill();
        await sleep(disturbance.downMs);
        await redis.start();
        interruption.until = Date.now();
        return;
      }
      case 'redis_wipe':
        interrupt('redis_wipe', null);
        return await redis.flush();
      case 'database_hold':
        return await witness.hold(disturbance.ms);
      case 'telegram': {
        const { chat, fault, times } = disturbance;
        const target = chat === 'bot' ? chat : (chats[chat % chats.length] ?? 'bot');
        telegram.fault(target, fault, { times, methods: ['sendMessage'] });
        return;
      }
      default:
        disturbance satisfies never;
    }
  }

  /** What a disturbance has to itself while it lasts; null for none. */
  function subject(disturbance: Disturbance): string | null {
    if ('process' in disturbance) return `process ${disturbance.process}`;
    return disturbance.kind.startsWith('redis') ? 'redis' : disturbance.kind === 'database_hold' ? 'database' : null;
  }

  /** What has its turn at Redis or the database waits for the one before; a process that is not there is left alone. */
  async function meet(disturbance: Disturbance): Promise<void> {
    const alone = subject(disturbance);
    const before = alone === null ? undefined : turns.get(alone);
    if ('process' in disturbance && (before || fleet.processes[disturbance.process]?.url() === null)) return;
    counts.set(disturbance.kind, (counts.get(disturbance.kind) ?? 0) + 1);
    const turn = (before ?? Promise.resolve()).then(() => {
      say(JSON.stringify(disturbance));
      return strike(disturbance);
    });
    if (alone !== null) turns.set(alone, turn);
    await turn;
    if (alone !== null && turns.get(alone) === turn) turns.delete(alone);
  }

  return {
    interruptions,
    badStops,
    counts,
    async run(planned) {
      const began = performance.now();
      const under: Promise<unknown>[] = [];
      const errors: unknown[] = [];
      for (const { atMs, disturbance } of planned) {
        await sleep(Math.max(0, began + atMs - performance.now()));
        under.push(meet(disturbance).catch((error: unknown) => errors.push(error)));
      }
      await Promise.all(under);
      if (errors.length > 0) throw errors[0];
      telegram.clearFaults();
      await redis.start();
      await Promise.all(fleet.processes.map((_, index) => fleet.ensure(index)));
    },
  };
}
