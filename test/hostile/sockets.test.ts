import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startHostileApp } from './hostile-app.ts';
import { assertCivilOrClosed } from './judge.ts';
import { openRaw, rawRequest } from './raw-socket.ts';
import { jsonRequest, request } from './requests.ts';

const app = await startHostileApp();
const { port } = app;

test('makes what the others look for', async () => {
  for (let n = 0; n < 50; n += 1) {
    const made = await rawRequest(
      port,
      jsonRequest('POST', '/v1/companies', { name: 'x'.repeat(5_000), time_zone: 'UTC' }),
    );
    assert.equal(made?.status, 201);
  }
});

describe('requests in one write', () => {
  test('are answered in their order where each is answered at once', async () => {
    const connection = await openRaw(port);
    const ids = Array.from({ length: 50 }, (_, n) => `r-${n}`);
    connection.send(
      Buffer.concat(
        ids.map((id, n) => request('GET', n % 2 ? '/nowhere' : '/healthz', { lines: [`X-Request-Id: ${id}`] })),
      ),
    );
    const answers = await connection.answers(50);
    assert.deepEqual(
      answers.map(({ headers }) => headers['x-request-id']),
      ids,
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      ids.map((_, n) => (n % 2 ? 404 : 200)),
    );
    connection.socket.destroy();
  });

  test('are hung up on where one has to wait for another: no answer goes to the wrong request', async () => {
    const connection = await openRaw(port);
    const ids = Array.from({ length: 50 }, (_, n) => `r-${n}`);
    connection.send(
      Buffer.concat(ids.map((id) => request('GET', '/v1/companies/1', { lines: [`X-Request-Id: ${id}`] }))),
    );
    const answers = await connection.ended();
    for (const [n, answer] of answers.entries()) assert.equal(answer.headers['x-request-id'], ids[n]);
    assert.equal(answers.length < 50, true);
  });

  test('of which one brings a body take none of it for another', async () => {
    const connection = await openRaw(port);
    const inner = request('DELETE', '/v1/companies/1').toString('latin1');
    connection.send(request('GET', '/nowhere', { lines: [`Content-Length: ${inner.length}`], body: inner }));
    connection.send(request('GET', '/healthz'));
    const answers = await connection.answers(2);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 200],
    );
    connection.socket.destroy();
    assert.equal((await rawRequest(port, request('GET', '/v1/companies/1')))?.status, 200);
  });
});

describe('a connection', () => {
  test('that breaks in the middle of answers takes nothing along', async () => {
    for (let n = 0; n < 200; n += 1) {
      const connection = await openRaw(port);
      connection.send(request('GET', n % 2 ? '/v1/companies?limit=200' : '/openapi.json'));
      if (n % 3 === 0) await new Promise<void>((resolve) => void connection.socket.once('data', () => resolve()));
      if (n % 2) connection.socket.resetAndDestroy();
      else connection.socket.destroy();
    }
    const answer = await rawRequest(port, request('GET', '/v1/companies?limit=200'));
    assert.equal(answer?.status, 200);
  });

  test('whose client never reads holds up nobody else', async () => {
    const deaf = await Promise.all(Array.from({ length: 20 }, () => openRaw(port)));
    for (const { socket, send } of deaf) {
      socket.pause();
      send(request('GET', '/v1/companies?limit=200'));
    }
    for (let n = 0; n < 20; n += 1) {
      const answer = await rawRequest(port, request('GET', '/v1/companies/1'));
      assert.equal(answer?.status, 200);
    }
    for (const { socket } of deaf) socket.destroy();
  });

  test('that the client half closes gets the answers it has earned, or none, and ends', async () => {
    for (const bytes of [
      request('GET', '/healthz'),
      request('GET', '/v1/companies/1'),
      Buffer.from('GET / HT'),
      request('POST', '/v1/companies', { lines: ['Content-Length: 500'], body: '{' }),
    ]) {
      const connection = await openRaw(port);
      connection.send(bytes);
      connection.socket.end();
      for (const answer of await connection.ended()) assertCivilOrClosed(answer, bytes.toString('latin1'));
    }
  });
});

test('after all of it nothing went wrong inside', () => {
  assert.deepEqual(app.failures(), []);
});
