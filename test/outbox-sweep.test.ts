import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createBell } from '#src/db/bell.ts';
import { appendToOutbox, closeOutboxRows } from '#src/db/outbox.ts';
import { createOutboxRelay } from '#src/db/outbox-relay.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { pairs } from '#streams/entry.ts';
import { openTestDatabase } from './support/database.ts';
import { eventually } from './support/eventually.ts';
import { KEYS } from './support/partition.ts';
import { startTestRedis } from './support/redis.ts';

const log = pino({ level: 'silent' });

test('an event whose entry vanished from Redis unsettled is offered again, and no other', async (t) => {
  const server = await startTestRedis(t);
  const database = await openTestDatabase(t);
  const eventOf = (id: string) => ({
    ...({ id, type: 'booking_created', company_id: 1, booking_id: 7, ts: 1_706_000_000 } as const),
    initiated_by: { user_id: null, role: 'system' as const, channel: 'api' },
  });
  for (const id of ['gone', 'there', 'settled']) await database.write((tx) => appendToOutbox(tx, eventOf(id)));
  const redis = connectRedis({ url: server.url, log });
  const relay = createOutboxRelay({
    ...{ database, redis, keys: KEYS, bell: createBell(), log },
    share: { lane: 'p2p', shares: 1, remainder: 0 },
    sweepEveryMs: 100,
  });
  relay.start();
  t.after(async () => {
    await relay.stop();
    redis.disconnect();
  });
  const entries = async () => await server.redis.xrange(KEYS.stream, '-', '+');
  await eventually(async () => assert.equal((await entries()).length, 3));
  const idOf = async (id: string) => (await entries()).find(([, fields]) => fields.includes(`1:${id}`))?.[0] ?? '';

  // As the recorder and the owner do it: the row, then the entry with its marker.
  await database.write((tx) => closeOutboxRows(tx, [{ company_id: 1, event_id: 'settled' }]));
  await server.redis.xdel(KEYS.stream, await idOf('settled'));
  await server.redis.del(`${KEYS.markerPrefix}1:settled`);
  await server.redis.xdel(KEYS.stream, await idOf('gone'));

  await eventually(async () => assert.equal((await entries()).length, 2));
  const [there, again] = (await entries()).map(([, fields]) => pairs(fields));
  assert.equal(there?.get('key'), '1:there');
  assert.deepEqual([again?.get('key'), again?.get('redelivered')], ['1:gone', '1']);
  await new Promise((resolve) => setTimeout(resolve, 350));
  assert.equal((await entries()).length, 2, 'further sweeps add nothing');
});
