import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertProblem, makeSalon, startTestApi } from '#test/support/api.ts';
import { makeKey } from '#test/support/keys.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { createDeadLetterService } from '../../dead-letters/dead-letter-service.ts';
import { lanePartitions } from '../../dispatch/lanes.ts';
import { createLog } from '../../observability/log.ts';
import { connectRedis } from '../../redis/connection.ts';

async function open(t: TestContext) {
  const server = await startTestRedis(t);
  const log = createLog('silent');
  const redis = connectRedis({ url: server.url, log, offlineQueue: false, commandTimeoutMs: 300 });
  t.after(() => redis.disconnect());
  await new Promise((resolve) => redis.once('ready', resolve));
  const api = await startTestApi(t, {
    deadLetters: createDeadLetterService({ redis, partitions: lanePartitions({ prefix: '', p2pPartitions: 1 }) }),
  });
  /** Letters of one company, added all at once; answers their ids. */
  async function die(lane: string, count: number, company_id: unknown = 1): Promise<string[]> {
    const pipeline = server.redis.pipeline();
    for (let n = 0; n < count; n += 1)
      pipeline.xadd(
        ...[`events:${lane}:dead`, '*', 'event', JSON.stringify({ id: `e${n}`, company_id }), 'recipient', `user:${n}`],
      );
    return ((await pipeline.exec()) ?? []).map(([, id]) => `${lane}:0:${id}`);
  }
  const left = (lane: string) => server.redis.xlen(`events:${lane}:dead`);
  const waiting = (lane: string) => server.redis.xlen(`events:${lane}`);
  return { ...api, server, die, left, waiting };
}

type Api = Awaited<ReturnType<typeof open>>;

async function listed(api: Api, query: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await api.ok('GET', `/v1/dead-letters?${query}${cursor && `&cursor=${cursor}`}`);
    ids.push(...page.items.map(({ id }: { id: string }) => id));
    cursor = page.next_cursor;
  }
  return ids;
}

describe('/v1/dead-letters', () => {
  test('pages through both streams, or one under either of its names, and filters by company', async (t) => {
    const api = await open(t);
    const p2p = await api.die('p2p', 5);
    const other = await api.die('p2p', 3, 2);
    const broadcast = await api.die('broadcast', 4);
    await api.die('broadcast', 1, '1');
    assert.deepEqual((await listed(api, 'limit=2')).slice(0, 12), [...p2p, ...other, ...broadcast]);
    assert.deepEqual(await listed(api, 'limit=3&stream=events:p2p'), [...p2p, ...other]);
    assert.deepEqual(await listed(api, 'limit=200&stream=broadcast&company_id=1'), broadcast);
    assert.deepEqual(await listed(api, 'limit=1&company_id=2'), other);
    assert.deepEqual(await listed(api, 'company_id=3'), []);
    for (const [query, field] of [
      ['stream=dead', 'stream'],
      ['stream=events:p2p:dead', 'stream'],
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['cursor=x', 'cursor'],
      [`cursor=${Buffer.from('after:1').toString('base64url')}`, 'cursor'],
      ['company_id=-1', 'company_id'],
      ['id=1', 'id'],
    ] as const)
      assertProblem(await api.call('GET', `/v1/dead-letters?${query}`), 400, field);
  });

  test('shows letters of webhooks to the admin key, and to no company', async (t) => {
    const api = await open(t);
    const { company_id } = await makeSalon(api);
    const [first = '', second = ''] = await api.die('webhooks', 2, company_id);
    const [own = ''] = await api.die('p2p', 1, company_id);
    assert.deepEqual(await listed(api, ''), [own, first, second]);
    assert.deepEqual(await listed(api, 'stream=events:webhooks'), [first, second]);
    assert.deepEqual(await listed(api, `company_id=${company_id}`), [own]);

    const key = await makeKey(api, company_id);
    const asCompany = async (method: string, path: string, body?: object) => {
      const reply = await key.call(method, `/v1/dead-letters${path}`, body);
      return reply.status === 200 ? reply.body : reply.status;
    };
    assert.equal((await asCompany('GET', '')).items.length, 1);
    assert.deepEqual(await asCompany('GET', '?stream=webhooks'), { items: [], next_cursor: null });
    assert.deepEqual([await asCompany('GET', `/${first}`), await asCompany('DELETE', `/${first}`)], [404, 404]);
    const none = { replayed: 0, missing: [first] };
    assert.deepEqual(await asCompany('POST', '/replay', { ids: [first] }), none);
    assert.equal((await asCompany('POST', '/replay', { all: true, stream: 'webhooks' })).replayed, 0);
    assert.equal(await api.left('webhooks'), 2);

    assert.equal((await api.ok('POST', '/v1/dead-letters/replay', { ids: [first] })).replayed, 1);
    assert.equal((await api.call('DELETE', `/v1/dead-letters/${second}`)).status, 204);
    assert.deepEqual([await api.waiting('webhooks'), await api.left('webhooks')], [1, 0]);
  });

  test('shows and discards one letter by its id, escaped or not', async (t) => {
    const api = await open(t);
    const [id = '', second = ''] = await api.die('p2p', 2);
    const letter = await api.ok('GET', `/v1/dead-letters/${id}`);
    assert.deepEqual([letter.id, letter.event.id, letter.user_id], [id, 'e0', null]);
    assert.deepEqual(await api.ok('GET', `/v1/dead-letters/${encodeURIComponent(id)}`), letter);
    const reply = await api.call('DELETE', `/v1/dead-letters/${encodeURIComponent(id)}`);
    assert.deepEqual([reply.status, reply.body], [204, undefined]);
    assert.equal(await api.left('p2p'), 1);
    for (const unknown of [
      ...[id, second.replace('p2p:0', 'p2p:1'), second.replace('p2p', 'broadcast'), second.replace('p2p:0:', '')],
      ...['p2p:0:18446744073709551616-0', 'p2p:0:0-0', '__proto__', '%00', '%', `${second}%20`],
    ])
      for (const method of ['GET', 'DELETE']) assertProblem(await api.call(method, `/v1/dead-letters/${unknown}`), 404);
    assert.equal(await api.left('p2p'), 1);
  });

  test('replays the named ones once, and tells which were not there', async (t) => {
    const api = await open(t);
    const [a = '', b = ''] = await api.die('p2p', 3);
    // Another millisecond, or both streams may give out the same id.
    await sleep(5);
    const [c = ''] = await api.die('broadcast', 1);
    const foreign = await api.server.redis.xadd('events:p2p:dead', '*', 'foo', 'bar');
    const post = (body: unknown, headers = {}) => api.call('POST', '/v1/dead-letters/replay', body, headers);
    const wrongStream = b.replace('p2p', 'broadcast');
    const reply = await post({ ids: [a, c, a, wrongStream, 'p2p:7:1-0', `p2p:0:${foreign}`] });
    assert.deepEqual(
      [reply.status, reply.body],
      [200, { replayed: 2, missing: [wrongStream, 'p2p:7:1-0', `p2p:0:${foreign}`] }],
    );
    assert.deepEqual([await api.waiting('p2p'), await api.waiting('broadcast')], [1, 1]);
    assert.deepEqual(await api.server.redis.xrange('events:p2p', '-', '+').then(([entry]) => entry?.[1]), [
      ...['redelivered', '1', 'only', 'user:0', 'event', '{"id":"e0","company_id":1}'],
    ]);

    const key = { 'idempotency-key': 'k1' };
    assert.deepEqual((await post({ ids: [b] }, key)).body, { replayed: 1, missing: [] });
    const again = await post({ ids: [b] }, key);
    assert.deepEqual([again.body, again.headers.get('idempotency-replayed')], [{ replayed: 1, missing: [] }, 'true']);
    assertProblem(await post({ all: true }, key), 422, 'Idempotency-Key');
    assert.deepEqual((await post({ ids: [b] })).body, { replayed: 0, missing: [b] });
    assert.equal(await api.waiting('p2p'), 2);
  });

  test('refuses a replay of nothing, of both and of what can be no id', async (t) => {
    const api = await open(t);
    const [id] = await api.die('p2p', 1);
    const post = (body: unknown) => api.call('POST', '/v1/dead-letters/replay', body);
    for (const [body, ...fields] of [
      [{}, 'ids'],
      [{ stream: 'p2p' }, 'ids'],
      [{ ids: [] }, 'ids'],
      [{ ids: id }, 'ids'],
      [{ ids: [id, 'x'] }, 'ids.1'],
      [{ ids: [id, 7] }, 'ids.1'],
      [{ ids: Array(1_001).fill(id) }, 'ids'],
      [{ all: false }, 'all'],
      [{ ids: [id], all: true }, 'ids'],
      [{ ids: [id], stream: 'p2p' }, 'stream'],
      [{ all: true, stream: 'other' }, 'stream'],
      [{ all: true, company_id: 1 }, 'company_id'],
      [undefined, 'body'],
    ] as const)
      assertProblem(await post(body), 422, ...fields);
    assert.equal(await api.waiting('p2p'), 0);
  });

  test('replays ten thousand of one stream and leaves the other alone', async (t) => {
    const api = await open(t);
    await api.die('p2p', 10_000);
    await api.die('broadcast', 3);
    assert.equal((await listed(api, 'limit=200&stream=p2p')).length, 10_000);
    const sparse = await api.ok('GET', '/v1/dead-letters?company_id=2');
    assert.deepEqual(sparse.items, []);
    assert.notEqual(sparse.next_cursor, null, 'a filter that finds nothing gives up after a bound');
    const body = { all: true, stream: 'p2p' };
    assert.deepEqual(await api.ok('POST', '/v1/dead-letters/replay', body), { replayed: 10_000, missing: [] });
    assert.deepEqual([await api.waiting('p2p'), await api.left('p2p'), await api.left('broadcast')], [10_000, 0, 3]);
  });

  test('answers 503 with Retry-After while Redis is away, and while it hangs', async (t) => {
    const api = await open(t);
    const [id] = await api.die('p2p', 1);
    const refused = async () => {
      for (const [method, path, body] of [
        ['GET', ''],
        ['GET', `/${id}`],
        ['POST', '/replay', { ids: [id] }],
        ['POST', '/replay', { all: true }],
        ['DELETE', `/${id}`],
      ] as const) {
        const reply = await api.call(method, `/v1/dead-letters${path}`, body, { 'idempotency-key': 'k' });
        assertProblem(reply, 503);
        assert.match(reply.headers.get('retry-after') ?? '', /^\d+$/);
      }
    };
    process.kill(api.server.pid(), 'SIGSTOP');
    await refused();
    await api.server.kill();
    await refused();
    assertProblem(await api.call('GET', '/v1/dead-letters', undefined, { authorization: '' }), 401);
  });
});
