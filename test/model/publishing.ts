import type { Redis } from 'ioredis';
import type { PartitionKeys } from '#streams/keys.ts';
import { relay } from '#streams/publisher.ts';
import type { Chronicle } from './chronicle.ts';
import type { EventScript } from './history.ts';
import type { World } from './world.ts';

const RELAY_TOKEN = 'the publisher';

/** The one who publishes events, as the outbox relay does: in order, and sure of its lease. */
export interface Publishing {
  begin(): Promise<void>;
  publish(scripts: readonly EventScript[]): Promise<void>;
  /** An entry that nobody can decode. */
  publishNonsense(): Promise<void>;
  /** The event of an entry. */
  numberOf(id: string): number;
}

/** @param refresh tells the simulation that the stream has grown; answers the ids in it */
export function createPublishing(deps: {
  redis: Redis;
  keys: PartitionKeys;
  world: World;
  chronicle: Chronicle;
  refresh(): Promise<readonly string[]>;
}): Publishing {
  const { redis, keys, world, chronicle } = deps;
  const numbers = new Map<string, number>();
  let strays = 0;

  function note(n: number, script: EventScript | null): void {
    chronicle.events.push({ n, at: world.now(), script });
    const to = script ? Object.keys(script.to).join(', ') : 'nobody';
    chronicle.trace.push(`${world.now()} ${n} is published to ${to}`);
  }

  async function learnIds(published: readonly number[]): Promise<void> {
    const ids = await deps.refresh();
    for (const [index, id] of ids.slice(-published.length).entries()) numbers.set(id, published[index] ?? Number.NaN);
  }

  return {
    async begin() {
      await redis.set(keys.relayLease, RELAY_TOKEN);
    },
    async publish(scripts) {
      const published = scripts.map((script) => {
        const n = chronicle.events.length;
        note(n, script);
        return n;
      });
      const publications = published.map((n) => ({ key: `event-${n}`, event: JSON.stringify({ n }) }));
      await relay(redis, keys, { token: RELAY_TOKEN, redelivered: false, publications });
      await learnIds(published);
    },
    async publishNonsense() {
      strays += 1;
      note(-strays, null);
      await redis.xadd(keys.stream, '*', 'event', JSON.stringify({ n: -strays }));
      await learnIds([-strays]);
    },
    numberOf: (id) => numbers.get(id) ?? Number.NaN,
  };
}
