import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createBell } from '#src/db/bell.ts';
import { appendToOutbox } from '#src/db/outbox.ts';
import { createOutboxRelay } from '#src/db/outbox-relay.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { openTestDatabase } from './support/database.ts';
import { eventually } from './support/eventually.ts';
import { KEYS } from './support/partition.ts';
import { startTestRedis } from './support/redis.ts';

const NOW = new Date('2026-11-23T10:00:00Z');
const log = pino({ level: 'silent' });

test('the relay that has the lease tells how old the oldest event outside the stream is, also while Redis is away', async (t) => {
  const server = await startTestRedis(t);
  const database = await openTestDatabase(t);
  const commit = (id: string, agoS: number) =>
    database.write((tx) =>
      appendToOutbox(tx, {
        ...({ id, type: 'booking_created', company_id: 1, booking_id: 7, ts: NOW.getTime() / 1000 - agoS } as const),
        initiated_by: { user_id: null, role: 'system', channel: 'api' },
      }),
    );
  const redis = connectRedis({ url: server.url, log });
  const [bell, other] = [createBell(), createBell()];
  const share = { lane: 'p2p', shares: 1, remainder: 0 } as const;
  const relay = createOutboxRelay({ database, redis, keys: KEYS, bell, share, log });
  const second = createOutboxRelay({ database, redis, keys: KEYS, bell: other, share, log });
  t.after(async () => {
    await Promise.all([relay.stop(), second.stop()]);
    redis.disconnect();
  });
  assert.equal(await relay.lagMs(NOW), null);
  relay.start();
  await eventually(async () => assert.equal(await relay.lagMs(NOW), 0));
  second.start();
  await commit('published', 90);
  bell.ring();
  await eventually(async () => assert.equal(await server.redis.xlen(KEYS.stream), 1));
  await eventually(async () => assert.equal(await relay.lagMs(NOW), 0));
  assert.equal(await second.lagMs(NOW), null);

  await server.kill();
  await commit('waits', 45);
  bell.ring();
  await eventually(async () => assert.equal(((await relay.lagMs(NOW)) ?? 0) >= 45_000, true));
  await server.start();
  await eventually(async () => {
    const lags = await Promise.all([relay.lagMs(NOW), second.lagMs(NOW)]);
    assert.equal(Math.max(...lags.map((lag) => lag ?? 0)), 0);
    assert.equal(await server.redis.xlen(KEYS.stream), 2);
  }, 20_000);
});
