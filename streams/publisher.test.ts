import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestRedis } from '#test/support/redis.ts';
import { partitionKeys } from './keys.ts';
import { publish } from './publisher.ts';

const KEYS = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });

test('an event that nobody can offer again leaves no marker, and stands in its order among those that may come again', async (t) => {
  const { redis } = await startTestRedis(t);
  const offers = [
    { key: null, event: 'a' },
    { key: '1:b', event: 'b' },
    { key: null, event: 'c' },
  ];
  assert.equal(await publish(redis, KEYS, offers), 3);
  assert.equal(await publish(redis, KEYS, offers), 2);
  const entries = await redis.xrange(KEYS.stream, '-', '+');
  assert.deepEqual(
    entries.map(([, [, event]]) => event),
    ['a', 'b', 'c', 'a', 'c'],
  );
  assert.deepEqual(await redis.keys(`${KEYS.markerPrefix}*`), [`${KEYS.markerPrefix}1:b`]);
});
