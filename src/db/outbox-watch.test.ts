import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { createLog } from '../observability/log.ts';
import { connectRedis } from '../redis/connection.ts';
import { createBell } from './bell.ts';
import { createOutboxWatch } from './outbox-watch.ts';

const log = createLog('silent');

async function watching(t: TestContext) {
  const [database, server] = [await openTestDatabase(t), await startTestRedis(t)];
  const connect = () => {
    const redis = connectRedis({ url: server.url, log, name: 'test' });
    t.after(() => redis.disconnect());
    return redis;
  };
  const [redis, subscriber, bell] = [connect(), connect(), createBell()];
  let rings = 0;
  bell.ring = () => {
    rings += 1;
  };
  const watch = createOutboxWatch({
    database,
    redis,
    subscriber,
    channel: 'commits',
    bells: { p2p: [bell], broadcast: [], webhooks: [] },
    log,
  });
  watch.start();
  t.after(() => watch.stop());
  const listeners = async () => (await server.redis.pubsub('NUMSUB', 'commits'))[1];
  await eventually(async () => assert.equal(await listeners(), 1));
  return { server, subscriber, listeners, rings: () => rings };
}

test('the word of another process is heard again after Redis was away', async (t) => {
  const { server, listeners, rings } = await watching(t);
  await server.kill();
  await server.start();
  await eventually(async () => assert.equal(await listeners(), 1));
  await server.redis.publish('commits', 'another');
  await eventually(() => assert.equal(rings(), 1));
});

test('a connection that is lost again before it has subscribed ends nothing', async (t) => {
  const { server, subscriber, listeners } = await watching(t);
  let losses = 0;
  // What a killed server does at the worst moment.
  subscriber.on('ready', () => {
    losses += 1;
    if (losses <= 3) subscriber.stream.destroy();
  });
  await server.redis.client('KILL', 'TYPE', 'pubsub');
  await eventually(() => assert.equal(losses, 4), 10_000);
  await eventually(async () => assert.equal(await listeners(), 1));
});
