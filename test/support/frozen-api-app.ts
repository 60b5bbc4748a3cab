import type { TestContext } from 'node:test';
import type { Redis } from 'ioredis';
import { type Database, openDatabase } from '#src/db/database.ts';
import { IdempotencyKey } from '#src/db/event-entities.ts';
import { createEventPublisher } from '#src/dispatch/event-publisher.ts';
import { lanePartitions } from '#src/dispatch/lanes.ts';
import { createLog } from '#src/observability/log.ts';
import { connectRedis, untilReady } from '#src/redis/connection.ts';
import { startTestApi } from './api.ts';

/**
 * The API as a program of its own: `node frozen-api-app.ts DATABASE_FILE REDIS_URL WHERE`. It says its port, and that it is frozen when
 * the first answer to an Idempotency-Key stands still `before the commit` or `after the commit`. It is to be killed.
 */
const [, , path = '', url = '', where = ''] = process.argv;
const log = createLog('silent');
const redis: Redis = connectRedis({ url, log });
await untilReady(redis, 10_000);
const opened = await openDatabase({ database: { kind: 'sqlite', path }, log });

async function freeze(): Promise<never> {
  process.stdout.write('frozen\n');
  return await new Promise<never>(() => undefined);
}

const write: Database['write'] = async (work) => {
  const { result, isKept } = await opened.write(async (tx) => {
    const before = await tx.count(IdempotencyKey);
    const done = await work(tx);
    const isKept = (await tx.count(IdempotencyKey)) > before;
    if (isKept && where === 'before the commit') return await freeze();
    return { result: done, isKept };
  });
  if (isKept && where === 'after the commit') return await freeze();
  return result;
};

/** Nothing is cleaned up: the process is killed. */
const scope = { after: () => undefined } as unknown as TestContext;
const { publish } = createEventPublisher({ redis, partitions: lanePartitions({ prefix: '', p2pPartitions: 1 }) });
const { port } = await startTestApi(scope, { database: { ...opened, write }, publishEvents: publish });
process.stdout.write(`port ${port}\n`);
