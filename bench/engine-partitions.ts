import type { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Delivery, EntryHandler } from '#actors/handler.ts';
import { createPartition, type Partition } from '#actors/partition.ts';
import { systemClock } from '#streams/clock.ts';
import type { Contender, Work } from './engine-contender.ts';
import { benchKeys } from './engine-supply.ts';

const RECIPIENTS = 5000;
const STOP_WITHIN_MS = 2000;

const log = pino({ level: 'warn' }, process.stderr);

/** Delivers nothing, at once, to `each` recipients an entry out of many. */
function noOpHandler(each: number, onDelivery: () => void): EntryHandler<string> {
  let next = 0;
  return {
    tenantOf: () => '',
    async plan() {
      const deliveries = Array.from({ length: each }, (): Delivery<string> => {
        next = (next + 1) % RECIPIENTS;
        return {
          recipient: `user:${next}`,
          async deliver() {
            onDelivery();
            return { kind: 'done', receipt: '' };
          },
          dead: () => '',
        };
      });
      return { kind: 'deliver', deliveries, concluded: [] };
    },
    record: async () => undefined,
    readReceipt: String,
  };
}

/** This engine: order, leases, ledger and retry are on; partition p belongs to process p modulo their number. */
export function createPartitions(connect: () => Redis): Contender {
  let redis: Redis | null = null;
  let owned: Partition[] = [];

  return {
    async start({ each, partitions, member, members }: Work, onDelivery) {
      const shared = connect();
      redis = shared;
      const handler = noOpHandler(each, onDelivery);
      owned = benchKeys(partitions)
        .filter((_, partition) => partition % members === member)
        .map((keys) =>
          createPartition({
            redis: shared,
            connectBlocking: connect,
            keys,
            handler,
            maxDeliveries: 3,
            backoff: () => 1000,
            clock: systemClock,
            fearless: true,
            log,
          }),
        );
      for (const partition of owned) partition.start();
    },
    async stop() {
      await Promise.all(owned.map((partition) => partition.stop(AbortSignal.timeout(STOP_WITHIN_MS))));
      owned = [];
      redis?.disconnect();
      redis = null;
    },
  };
}
