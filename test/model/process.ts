import type { EntryHandler } from '#actors/handler.ts';
import { createPartition } from '#actors/partition.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import type { Log } from '#streams/log.ts';
import type { SeededRandom } from '../chaos/seeded-random.ts';
import type { Chronicle } from './chronicle.ts';
import { createSimulatedClock } from './clock.ts';
import { createSimulatedConnection } from './connection.ts';
import type { Target } from './history.ts';
import type { SimulatedServer } from './server.ts';
import { NATURE, type Owner, type World } from './world.ts';

export const MAX_DELIVERIES = 3;
/** The pauses after the first and second failed attempt; the second is long enough to leave the window. */
const BACKOFF_MS = [800, 5200];

/** One process that works on the partition, and what can befall it. */
export interface SimulatedProcess extends Owner {
  name: string;
  /** When the last thing that befell it was over, or will be. */
  troubledUntil: number;
  /** When it last went on after a pause. */
  resumedAt: number;
  stopped: 'no' | 'stopping' | 'yes';
  /** Whether it believes to hold the lease. */
  isOwner(): boolean;
  crash(): void;
  pause(ms: number): void;
  cut(ms: number): void;
  /** Befalls it at one of its commands to Redis. */
  strike(target: Target, blow: () => void): void;
  /** Nothing that was to befall it does. */
  spare(): void;
  slowDown(lagMs: number, ms: number): void;
  /** Hears nothing from Redis any more, then its connections break. */
  silence(ms: number): void;
  /** Its doorbell rings no more, on this connection. */
  deafen(): void;
  /** Attempts under way are aborted after `patienceMs`. */
  stop(patienceMs: number): void;
  /** Notes what it does, for people. */
  tell(what: string): void;
}

export interface ProcessDeps {
  name: string;
  keys: PartitionKeys;
  world: World;
  random: SeededRandom;
  wireMs: number;
  server: SimulatedServer<SimulatedProcess>;
  chronicle: Chronicle;
  handlerOf(process: SimulatedProcess): EntryHandler<string>;
  onCrash(process: SimulatedProcess): void;
}

export function startProcess(deps: ProcessDeps): SimulatedProcess {
  const { name, world, random, server } = deps;
  const process: SimulatedProcess = {
    name,
    status: 'running',
    troubledUntil: Number.NEGATIVE_INFINITY,
    resumedAt: Number.NEGATIVE_INFINITY,
    stopped: 'no',
    isOwner: () => partition.isOwned(),
    crash() {
      if (process.status === 'dead' || process.stopped === 'yes') return;
      process.tell('crashes');
      trouble(Number.POSITIVE_INFINITY);
      world.end(process);
      for (const connection of [data, bell]) connection.cut(Number.POSITIVE_INFINITY);
      deps.onCrash(process);
    },
    pause(ms) {
      if (process.status !== 'running') return;
      process.tell(`is paused for ${ms} ms`);
      trouble(ms);
      process.status = 'paused';
      world.after(NATURE, ms, () => {
        if (process.status !== 'paused') return;
        process.tell('goes on');
        process.resumedAt = world.now();
        world.resume(process);
      });
    },
    cut(ms) {
      process.tell(`loses its connection for ${ms} ms`);
      trouble(ms + 1000);
      for (const connection of [data, bell]) connection.cut(ms);
    },
    spare: () => data.spare(),
    strike: (target, blow) => data.strike(target, blow),
    slowDown(lagMs, ms) {
      process.tell(`has ${lagMs} ms to Redis for ${ms} ms`);
      trouble(ms + 2 * lagMs);
      data.setLag(lagMs);
      world.after(NATURE, ms, () => data.setLag(deps.wireMs));
    },
    silence(ms) {
      process.tell(`hears nothing from Redis for ${ms} ms`);
      trouble(ms + 1000);
      for (const connection of [data, bell]) {
        connection.deafen();
        world.after(NATURE, ms, () => connection.cut(0));
      }
    },
    deafen: () => {
      process.tell('hears no doorbell');
      bell.deafen();
    },
    stop(patienceMs) {
      if (process.stopped !== 'no') return;
      process.tell(`stops within ${patienceMs} ms`);
      process.stopped = 'stopping';
      const deadline = new AbortController();
      const callOff = world.after(process, patienceMs, () => deadline.abort());
      void partition.stop(deadline.signal).then(() => {
        callOff();
        data.redis.disconnect();
        process.stopped = 'yes';
        process.tell('has stopped');
      });
    },
    tell: (what) => void deps.chronicle.trace.push(`${world.now()} ${name} ${what}`),
  };

  function trouble(ms: number): void {
    process.troubledUntil = Math.max(process.troubledUntil, world.now() + ms);
  }

  const [data, bell] = [connect(), connect()];
  function connect() {
    return createSimulatedConnection({ process, server, world, random, lagMs: deps.wireMs });
  }

  const partition = createPartition({
    redis: data.redis,
    connectBlocking: () => bell.redis,
    keys: deps.keys,
    handler: deps.handlerOf(process),
    maxDeliveries: MAX_DELIVERIES,
    backoff: (attempt) => BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1] ?? 0,
    clock: createSimulatedClock(process, world),
    fearless: true,
    log: telling(process),
  });
  process.tell('starts');
  partition.start();
  return process;
}

function telling(process: SimulatedProcess): Log {
  const note = (fields: object, message: string) => process.tell(`says: ${message} ${JSON.stringify(fields)}`);
  return { debug: note, info: note, warn: note, error: note };
}
