import type { Redis } from 'ioredis';
import { GROUP } from '#streams/keys.ts';
import type { Contender, Work } from './engine-contender.ts';
import { benchKeys } from './engine-supply.ts';

const COUNT = 500;
/** Short, because a stop waits for it. */
const BLOCK_MS = 100;

/** No order, no ledger, no retry, no ownership: what Redis and the client allow at all. All processes read one group. */
export function createBareLoop(connect: () => Redis): Contender {
  const [{ stream }] = benchKeys(1);
  let stopping = false;
  let running: Promise<void> | null = null;

  async function loop(consumer: string, onDelivery: () => void): Promise<void> {
    const redis = connect();
    while (!stopping) {
      const [batch] = await read(redis, consumer);
      if (!batch) continue;
      const ids = batch[1].map(([id]) => {
        onDelivery();
        return id;
      });
      await redis
        .pipeline()
        .xack(stream, GROUP, ...ids)
        .xdel(stream, ...ids)
        .exec();
    }
    redis.disconnect();
  }

  async function read(redis: Redis, consumer: string): Promise<[string, [string, string[]][]][]> {
    const reply = await redis.xreadgroup(
      'GROUP',
      GROUP,
      consumer,
      'COUNT',
      COUNT,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      stream,
      '>',
    );
    return (reply ?? []) as [string, [string, string[]][]][];
  }

  return {
    async start({ member }: Work, onDelivery) {
      stopping = false;
      running = loop(`bare-${member}`, onDelivery);
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}
