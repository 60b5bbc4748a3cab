import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { createWebhookCaller } from './webhook-caller.ts';

const NEVER = new AbortController().signal;
const REQUEST = { id: 'msg_1', body: '{}', secrets: ['whsec_AAAA'] };

async function open(t: TestContext, answer: RequestListener, { deadlineMs = 10_000, name = '127.0.0.1' } = {}) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `${name}:${(server.address() as AddressInfo).port}`;
  const caller = createWebhookCaller({ allowedHosts: [host], clock: () => new Date(), deadlineMs });
  t.after(async () => {
    await caller.stop();
    server.closeAllConnections();
    server.close();
  });
  const call = (signal = NEVER) => caller.call({ ...REQUEST, url: `http://${host}/hook` }, signal);
  return { call, requests: () => requests };
}

describe('a webhook call', () => {
  test('is accepted with any 2xx, and with nothing else', async (t) => {
    let status = 200;
    const { call } = await open(t, (_request, response) => response.writeHead(status).end());
    for (status of [200, 202, 204]) assert.deepEqual(await call(), { kind: 'accepted', status });
    for (status of [400, 404, 410, 500])
      assert.deepEqual(await call(), { kind: 'refused', status, error: `http_${status}`, retryAfterMs: null });
  });

  test('follows no redirect', async (t) => {
    const { call, requests } = await open(t, (_request, response) => response.writeHead(307, { location: '/' }).end());
    assert.deepEqual(await call(), { kind: 'refused', status: 307, error: 'http_307', retryAfterMs: null });
    assert.equal(requests(), 1);
  });

  test('hears how long to wait, within bounds', async (t) => {
    let asked = '30';
    const { call } = await open(t, (_request, response) => response.writeHead(429, { 'retry-after': asked }).end());
    const waits: unknown[] = [];
    for (asked of ['30', '999999999']) {
      const answer = await call();
      waits.push(answer.kind === 'refused' && answer.retryAfterMs);
    }
    assert.deepEqual(waits, [30_000, 600_000]);
  });

  test('that is never answered ends at its deadline', async (t) => {
    const { call } = await open(t, () => undefined, { deadlineMs: 200 });
    assert.deepEqual(await call(), { kind: 'refused', status: null, error: 'deadline', retryAfterMs: null });
  });

  test('reads no endless answer: its status counts', async (t) => {
    const { call } = await open(t, (_request, response) => {
      response.writeHead(200);
      const more = () => response.write('x'.repeat(1_000)) && setImmediate(more);
      response.on('drain', more);
      more();
    });
    assert.deepEqual(await call(), { kind: 'accepted', status: 200 });
  });

  test('that we call off says nothing of the endpoint', async (t) => {
    const stopping = new AbortController();
    const { call } = await open(t, () => stopping.abort());
    assert.deepEqual(await call(stopping.signal), { kind: 'called_off' });
  });

  test('to nobody fails with the code of the connection', async (t) => {
    const { call } = await open(t, (request) => request.socket.destroy());
    const answer = await call();
    assert.equal(answer.kind === 'refused' && answer.status, null);
  });

  test('finds a name of /etc/hosts that the operator vouches for', async (t) => {
    const { call } = await open(t, (_request, response) => response.writeHead(204).end(), { name: 'localhost' });
    assert.deepEqual(await call(), { kind: 'accepted', status: 204 });
  });

  test('waits for no other call to the same origin, whose companies may be many', async (t) => {
    const held: ServerResponse[] = [];
    const { call } = await open(t, (_request, response) => {
      held.push(response);
      if (held.length === 10) for (const each of held) each.writeHead(204).end();
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => call()));
    assert.deepEqual(answers, Array(10).fill({ kind: 'accepted', status: 204 }));
  });

  test('to a name that leads inside by now makes no connection', async (t) => {
    const asked: string[] = [];
    const resolve = async (hostname: string) => {
      asked.push(hostname);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const caller = createWebhookCaller({ allowedHosts: [], clock: () => new Date(), resolve });
    t.after(() => caller.stop());
    const answer = await caller.call({ ...REQUEST, url: 'https://crm.example/hook' }, NEVER);
    assert.deepEqual(answer, { kind: 'refused', status: null, error: 'private_address', retryAfterMs: null });
    assert.deepEqual(asked, ['crm.example']);
  });
});
