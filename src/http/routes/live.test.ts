import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertProblem, startTestApi } from '#test/support/api.ts';
import { eventually } from '#test/support/eventually.ts';
import { openLive, refusedLive } from '#test/support/live-client.ts';
import type { LiveBroadcast } from '../live/live-feed.ts';

const INTERVAL_MS = 20;
const KEY = 'test-admin-key';

type View = LiveBroadcast & { sent: number; text?: string };

/** The server with two companies, and broadcasts that a test changes at will. */
async function start(t: TestContext, options: Parameters<typeof startTestApi>[1] = {}) {
  const views = new Map<number, View>();
  const asked: number[][] = [];
  const api = await startTestApi(t, {
    live: { intervalMs: INTERVAL_MS },
    async liveBroadcasts(companyIds) {
      asked.push([...companyIds]);
      return [...views.values()].filter((view) => companyIds.includes(view.company_id));
    },
    ...options,
  });
  const company = async (): Promise<number> =>
    (await api.ok('POST', '/v1/companies', { name: 'Салон', time_zone: 'UTC' })).id;
  const [own, other] = [await company(), await company()];
  const show = (id: number, changes: Partial<View>): void => {
    const view: View = views.get(id) ?? { id, company_id: own, status: 'running', sent: 0 };
    views.set(id, { ...view, ...changes });
  };
  return { ...api, own, other, asked, show, query: `?company_id=${own}` };
}

describe('GET /v1/live', () => {
  test('tells what is live when it opens, then every change, to the end', async (t) => {
    const { port, show, own, query } = await start(t);
    show(1, { sent: 5 });
    show(2, { status: 'paused' });
    show(3, { status: 'scheduled' });
    show(4, { status: 'completed' });
    const { told } = await openLive(t, port, { query });
    await eventually(() => assert.equal(told.length, 3));
    assert.deepEqual(told[0], { id: 1, company_id: own, status: 'running', sent: 5 });
    assert.deepEqual(
      told.map(({ id }) => id),
      [1, 2, 3],
    );
    await sleep(INTERVAL_MS * 4);
    assert.equal(told.length, 3, 'nothing changed');
    show(1, { sent: 6 });
    await eventually(() => assert.equal(told.length, 4));
    show(1, { sent: 7, status: 'completed' });
    await eventually(() => assert.equal(told.length, 5));
    assert.deepEqual([told[3].sent, told[4].sent, told[4].status], [6, 7, 'completed']);
  });

  test('tells nobody of another company, and asks for all that are listened to at once', async (t) => {
    const { port, show, own, other, query, asked } = await start(t);
    const mine = await openLive(t, port, { query });
    const theirs = await openLive(t, port, { query: `?company_id=${other}` });
    show(1, { sent: 1 });
    show(2, { company_id: other });
    await eventually(() => assert.deepEqual([mine.told.length, theirs.told.length], [1, 1]));
    assert.deepEqual([mine.told[0].id, theirs.told[0].id], [1, 2]);
    assert.deepEqual(asked.at(-1), [own, other]);
  });

  test('asks nothing while nobody listens', async (t) => {
    const { port, asked, query } = await start(t);
    await sleep(INTERVAL_MS * 3);
    assert.equal(asked.length, 0);
    const { socket } = await openLive(t, port, { query });
    await eventually(() => assert.equal(asked.length > 2, true));
    socket.close();
    await once(socket, 'close');
    await sleep(INTERVAL_MS * 2);
    const before = asked.length;
    await sleep(INTERVAL_MS * 4);
    assert.equal(asked.length, before);
  });

  test('takes the key as a subprotocol, and never says it back', async (t) => {
    const { port, query } = await start(t);
    const open = (...protocols: string[]) => openLive(t, port, { query, protocols, headers: {} });
    for (const protocols of [
      ['vestnik', `bearer.${KEY}`],
      [`bearer.${KEY}`, 'vestnik'],
      ['vestnik', 'bearer.test%2Dadmin-key'],
    ]) {
      const { socket } = await open(...protocols);
      assert.equal(socket.protocol, 'vestnik');
    }
    // A client that offers the key alone gets no subprotocol, and closes by itself (RFC 6455, section 4.1).
    await assert.rejects(open(`bearer.${KEY}`), /no subprotocol/);
    const { socket } = await openLive(t, port, { query });
    assert.equal(socket.protocol, '');
  });

  test('refuses a wrong key before it opens', async (t) => {
    const { port, query } = await start(t);
    const attempts = [
      { headers: {} },
      { headers: { authorization: 'Bearer wrong' } },
      { headers: { authorization: 'Bearer wrong' }, protocols: ['vestnik', `bearer.${KEY}`] },
      { headers: {}, protocols: ['vestnik'] },
      { headers: {}, protocols: ['vestnik', 'bearer.'] },
      { headers: {}, protocols: ['vestnik', 'bearer.%E0%A4%A'] },
      { headers: {}, protocols: ['vestnik', `Bearer.${KEY}`] },
    ];
    for (const attempt of attempts) {
      const refusal = await refusedLive(t, port, { query, ...attempt });
      assertProblem(refusal, 401);
      assert.match(refusal.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
  });

  test('must be told a company that is there', async (t) => {
    const { port } = await start(t);
    assertProblem(await refusedLive(t, port), 400, 'company_id');
    assertProblem(await refusedLive(t, port, { query: '?company_id=x' }), 400, 'company_id');
    assertProblem(await refusedLive(t, port, { query: '?company_id=1&company_id=2' }), 400, 'company_id');
    assertProblem(await refusedLive(t, port, { query: '?company_id=1&x=1' }), 400, 'x');
    const { closed } = await openLive(t, port, { query: '?company_id=99' });
    assert.deepEqual(await closed, { code: 4404, reason: 'there is no company with this id' });
  });

  test('answers 426 to what is no WebSocket', async (t) => {
    const { port, call, query } = await start(t);
    for (const path of ['/v1/live', `/v1/live${query}`]) {
      const plain = await call('GET', path);
      assertProblem(plain, 426);
      assert.deepEqual([plain.headers.get('upgrade'), plain.headers.get('sec-websocket-version')], ['websocket', '13']);
    }
    assertProblem(await call('GET', '/v1/live', undefined, { authorization: '' }), 401);
    const odd = ['Upgrade: h2c\r\nSec-WebSocket-Version: 13', 'Upgrade: websocket\r\nSec-WebSocket-Version: 8'];
    for (const headers of odd) {
      const socket = connect(port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.write(
        `GET /v1/live${query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n${headers}\r\n` +
          'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      const [answer] = await once(socket, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 426 Upgrade Required\r\n/);
    }
    assertProblem(await call('POST', '/v1/live', {}), 405);
  });

  test('makes a WebSocket of no other path', async (t) => {
    const { port } = await start(t);
    const get = async (path: string) => {
      const socket = connect(port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      const [answer] = await once(socket, 'data');
      return String(answer).split('\r\n', 1)[0];
    };
    assert.deepEqual(
      [await get('/healthz'), await get('/v1/companies'), await get('/nowhere')],
      ['HTTP/1.1 200 OK', 'HTTP/1.1 401 Unauthorized', 'HTTP/1.1 404 Not Found'],
    );
  });

  test('is there with the API only', async (t) => {
    const { port } = await startTestApi(t, { serveApi: false });
    assertProblem(await refusedLive(t, port, { query: '?company_id=1' }), 404);
  });

  test('takes no more listeners than it may', async (t) => {
    const { port, query } = await start(t, { live: { intervalMs: INTERVAL_MS, maxListeners: 2 } });
    const first = await openLive(t, port, { query });
    await openLive(t, port, { query });
    const refusal = await refusedLive(t, port, { query });
    assertProblem(refusal, 503);
    assert.equal(refusal.headers.get('retry-after'), '2');
    first.socket.close();
    await eventually(() => openLive(t, port, { query }).then(() => undefined));
  });

  test('keeps places for other companies when one has as many listeners as it may', async (t) => {
    const { port, query, other } = await start(t, { live: { intervalMs: INTERVAL_MS, maxCompanyListeners: 2 } });
    const first = await openLive(t, port, { query });
    await openLive(t, port, { query });
    assertProblem(await refusedLive(t, port, { query }), 503);
    await openLive(t, port, { query: `?company_id=${other}` });
    first.socket.close();
    await eventually(() => openLive(t, port, { query }).then(() => undefined));
  });
});
