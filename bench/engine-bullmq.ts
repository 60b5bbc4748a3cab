import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Contender, Work } from './engine-contender.ts';
import { QUEUE } from './engine-supply.ts';

export const BULLMQ_CONCURRENCY = 100;

/** A worker a process, each with the concurrency of a hundred jobs; finished jobs are removed at once. */
export function createBullMq(connect: () => Redis): Contender {
  let connection: Redis | null = null;
  let worker: Worker | null = null;

  return {
    async start(_work: Work, onDelivery) {
      connection = connect();
      worker = new Worker(QUEUE, async () => onDelivery(), {
        connection,
        concurrency: BULLMQ_CONCURRENCY,
        removeOnComplete: { count: 0 },
      });
      worker.on('failed', (_job, error) => {
        throw error;
      });
      await worker.waitUntilReady();
    },
    async stop() {
      await worker?.close();
      worker = null;
      connection?.disconnect();
      connection = null;
    },
  };
}
