import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { assertProblem, makeSalon, startTestApi } from '#test/support/api.ts';
import { createHttpServer } from './server.ts';

describe('the server', () => {
  test('answers health and metrics to everyone, and readiness as it is', async (t) => {
    let readiness = { ready: true, status: 'degraded' as 'degraded' | 'unavailable', reasons: ['redis'] };
    const api = await startTestApi(t, { readiness: async () => readiness, serveApi: false });
    const open = { authorization: '' };
    assert.deepEqual((await api.call('GET', '/healthz', undefined, open)).body, {
      status: 'ok',
      tzdata: process.versions.tz,
    });
    const degraded = await api.call('GET', '/readyz', undefined, open);
    assert.deepEqual([degraded.status, degraded.body], [200, { status: 'degraded', reasons: ['redis'] }]);
    readiness = { ready: false, status: 'unavailable', reasons: ['database'] };
    assert.equal((await api.call('GET', '/readyz', undefined, open)).status, 503);
    const metrics = await fetch(`http://127.0.0.1:${api.port}/metrics`);
    assert.deepEqual([metrics.status, metrics.headers.get('content-type')], [200, 'text/plain']);
    assertProblem(await api.call('GET', '/v1/bookings'), 404);
    assertProblem(await api.call('GET', '/v1/dead-letters'), 404);
    assertProblem(await api.call('POST', '/healthz'), 405);
    assertProblem(await api.call('GET', '/metrics?x=1'), 400, 'x');
    assertProblem(await api.call('GET', '/healthz?x=1'), 400, 'x');
  });

  test('names the methods of a path, and answers OPTIONS and HEAD', async (t) => {
    const api = await startTestApi(t);
    const refused = await api.call('PUT', '/v1/bookings/1', {});
    assertProblem(refused, 405);
    assert.equal(refused.headers.get('allow'), 'GET, HEAD, OPTIONS, PATCH');
    const options = await api.call('OPTIONS', '/v1/bookings', undefined, { authorization: '' });
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS, POST']);
    const get = await api.call('GET', '/v1/bookings');
    const head = await api.call('HEAD', '/v1/bookings');
    assert.deepEqual([head.status, head.body], [200, undefined]);
    assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
    for (const path of ['/', '/v1', '/v1/', '/v1/bookings/', '/v2/bookings', '/v1/__proto__', '/%2e%2e/etc/passwd'])
      assertProblem(await api.call('GET', path), 404);
  });

  test('sends no length with 204, which a client would wait for', async (t) => {
    const api = await startTestApi(t);
    const socket = connect(api.port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write('OPTIONS /v1/bookings HTTP/1.1\r\nHost: x\r\n\r\n');
    let head = '';
    for await (const chunk of socket) {
      head += chunk;
      if (head.endsWith('\r\n\r\n')) break;
    }
    assert.match(head, /^HTTP\/1\.1 204 No Content\r\n/);
    assert.doesNotMatch(head, /content-length|transfer-encoding/i);
  });

  test('answers 503 to all but health before the rest has started', async (t) => {
    const readiness = async () => ({ ready: false, status: 'unavailable' as const, reasons: ['starting'] });
    const server = createHttpServer({
      ...{ host: '127.0.0.1', port: 0, adminApiKey: 'test-admin-key', readiness, newId: () => 'id' },
      keyRequestsPerSecond: 0,
      keyEventsPerSecond: 0,
      log: pino({ level: 'silent' }),
    });
    const { port } = await server.listen();
    t.after(() => server.stop());
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const early = await get('/v1/bookings');
    assert.deepEqual([early.status, early.headers.get('retry-after')], [503, '2']);
    assert.match(((await early.json()) as { detail: string }).detail, /starting/);
    assert.equal((await get('/metrics')).status, 503);
    assert.equal((await get('/healthz')).status, 200);
    const ready = await get('/readyz');
    assert.deepEqual([ready.status, await ready.json()], [503, { status: 'unavailable', reasons: ['starting'] }]);
  });

  test('asks for the key as RFC 6750 says', async (t) => {
    const api = await startTestApi(t);
    const get = (authorization: string) => api.call('GET', '/v1/bookings', undefined, { authorization });
    for (const header of ['', 'Bearer', 'Basic x', 'Bearer wrong', 'Bearer test-admin-keyx', 'test-admin-key']) {
      const reply = await get(header);
      assertProblem(reply, 401);
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Bearer realm="vestnik"/);
    }
    assert.equal((await get('bearer test-admin-key')).status, 200);
  });

  test('gives the request id back, or makes one', async (t) => {
    const api = await startTestApi(t);
    const idOf = async (sent?: string) =>
      (await api.call('GET', '/nowhere', undefined, sent === undefined ? {} : { 'x-request-id': sent })).headers.get(
        'x-request-id',
      );
    assert.equal(await idOf('abc-123'), 'abc-123');
    for (const bad of [undefined, 'a b', 'x'.repeat(129), 'é'])
      assert.match((await idOf(bad)) ?? '', /^[0-9a-f-]{36}$/);
  });

  test('refuses a body that is not JSON, not UTF-8 or too long', async (t) => {
    const api = await startTestApi(t);
    const post = (body: string | Uint8Array, type = 'application/json') =>
      fetch(`http://127.0.0.1:${api.port}/v1/companies`, {
        method: 'POST',
        headers: { authorization: 'Bearer test-admin-key', 'content-type': type },
        body,
      });
    const good = '{"name":"A","time_zone":"UTC"}';
    for (const type of ['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])
      assert.equal((await post(good, type)).status, 201);
    for (const type of ['text/plain', 'application/jsonp', 'application/json; charset=utf-16', 'multipart/form-data'])
      assert.equal((await post(good, type)).status, 415);
    const malformed = await post('{"name": "secret" "x"}');
    assert.equal(malformed.status, 400);
    const { detail } = (await malformed.json()) as { detail: string };
    assert.match(detail, /character 18/);
    assert.doesNotMatch(detail, /secret/);
    assert.equal((await post(Buffer.from('{"name":"\xff"}', 'latin1'))).status, 400);
    assert.equal((await post('['.repeat(1_000_000))).status, 400);
    assert.equal((await post(`${good}${' '.repeat(1024 * 1024)}`)).status, 413);
    assert.equal((await post(`${good}${' '.repeat(1024 * 1024 - good.length)}`)).status, 201);
  });

  test('answers a failure of its own without a word about it, and logs it without personal data', async (t) => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
    const api = await startTestApi(t, {
      log,
      readiness: async () => {
        throw new Error("insert into users (name) values ('Иван') - SQLITE_IOERR: disk I/O error");
      },
    });
    const reply = await api.call('GET', '/readyz', undefined, { 'x-request-id': 'r-1' });
    assertProblem(reply, 500);
    assert.doesNotMatch(JSON.stringify(reply.body), /SQLITE|insert/);
    const failures = lines.map((line) => JSON.parse(line)).filter((line) => line.level === 50);
    assert.equal(failures.length, 1);
    assert.equal(failures[0].request_id, 'r-1');
    assert.equal(failures[0].route, '/readyz');
    assert.equal(failures[0].cause.message, 'SQLITE_IOERR: disk I/O error');
    assert.doesNotMatch(lines.join(''), /Иван/);
    await makeSalon(api);
    assert.doesNotMatch(lines.join(''), /Иван/);
  });

  test('answers 503 when the database is closed under it', async (t) => {
    const api = await startTestApi(t);
    await api.database.close();
    const reply = await api.call('POST', '/v1/companies', { name: 'A', time_zone: 'UTC' });
    assertProblem(reply, 503);
    assert.ok(reply.headers.get('retry-after'));
  });

  test('says which port is taken', async (t) => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    t.after(() => squatter.close());
    const { port } = squatter.address() as AddressInfo;
    await assert.rejects(startTestApi(t, { port }), new RegExp(`PORT ${port} `));
    const api = await startTestApi(t);
    await assert.rejects(startTestApi(t, { port: api.port }), new RegExp(`HOST 127.0.0.1, PORT ${api.port} `));
  });
});
