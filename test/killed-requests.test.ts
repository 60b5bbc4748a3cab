import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { createEventPublisher } from '#src/dispatch/event-publisher.ts';
import { lanePartitions } from '#src/dispatch/lanes.ts';
import { API_KEY, bookingBody, makeSalon, startTestApi, type TestApi, type TestSalon } from './support/api.ts';
import { openSqliteFile, temporaryFile } from './support/database.ts';
import { programArguments } from './support/node-program.ts';
import { guardProcess } from './support/process-guard.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';

const KEY = { 'idempotency-key': 'order-1' };

interface World {
  api: TestApi;
  redis: TestRedis;
  salon: TestSalon;
  databaseFile: string;
}

async function openWorld(t: TestContext): Promise<World> {
  const redis = await startTestRedis(t);
  const databaseFile = await temporaryFile(t);
  const database = await openSqliteFile(t, databaseFile);
  await database.migrate();
  const partitions = lanePartitions({ prefix: '', p2pPartitions: 1 });
  const { publish } = createEventPublisher({ redis: redis.redis, partitions });
  const api = await startTestApi(t, { database, publishEvents: publish });
  return { api, redis, databaseFile, salon: await makeSalon(api) };
}

/** Sends the request to a process that is killed in the middle of it, where it stands still. */
async function killedAt(
  t: TestContext,
  where: string,
  { redis, databaseFile }: World,
  [path, body]: [string, object],
): Promise<void> {
  const args = [...programArguments('#test/support/frozen-api-app.ts'), databaseFile, redis.url, where];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const guard = guardProcess(child.pid);
  const ended = once(child, 'close').then(() => void guard.kill('SIGKILL'));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const port = /^port (\d+)$/.exec((await lines.next()).value ?? '')?.[1];
  const request = fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', ...KEY },
    body: JSON.stringify(body),
  });
  const broken = assert.rejects(request, TypeError);
  assert.equal((await lines.next()).value, 'frozen');
  child.kill('SIGKILL');
  await ended;
  await broken;
}

describe('a process killed in the middle of a request with an Idempotency-Key', () => {
  for (const [where, replayed] of [
    ['before the commit', null],
    ['after the commit', 'true'],
  ] as const)
    test(`${where} leaves no half of a booking: asked again, there is one`, async (t) => {
      const world = await openWorld(t);
      const { api, salon } = world;
      const body = bookingBody(salon);
      await killedAt(t, where, world, ['/v1/bookings', body]);
      assert.equal((await api.ok('GET', '/v1/bookings')).items.length, replayed ? 1 : 0);
      const reply = await api.call('POST', '/v1/bookings', body, KEY);
      assert.deepEqual([reply.status, reply.headers.get('idempotency-replayed')], [201, replayed]);
      assert.deepEqual((await api.ok('GET', '/v1/bookings')).items, [reply.body]);
      assert.equal((await api.outbox()).length, 1);
    });

  for (const where of ['before the commit', 'after the commit'])
    test(`${where} publishes its events once, however often they are sent`, async (t) => {
      const world = await openWorld(t);
      const { api, redis, salon } = world;
      const events = [1, 2, 3].map((booking_id) => ({
        ...{ type: 'booking_created', company_id: salon.company_id, booking_id },
      }));
      await killedAt(t, where, world, ['/v1/events', events]);
      assert.equal(await redis.redis.xlen('events:p2p'), 3);
      const first = await api.ok('POST', '/v1/events', events, KEY);
      assert.deepEqual(await api.ok('POST', '/v1/events', events, KEY), first);
      const entries = await redis.redis.xrange('events:p2p', '-', '+');
      const ids = entries.map(([, fields]) => JSON.parse(fields[fields.indexOf('event') + 1] ?? '').id);
      assert.deepEqual(ids, first.ids);
    });
});
