import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestApi } from '../support/api.ts';
import { startHostileApp } from './hostile-app.ts';
import { assertCivilOrClosed, assertProblem } from './judge.ts';
import { openRaw, rawRequest } from './raw-socket.ts';
import { request } from './requests.ts';

const app = await startHostileApp();
/** Timers on a machine that is busy are late. */
const HUNG_UP_WITHIN_MS = 60_000;
const DRIP_MS = 500;

interface Slow {
  first: string | Buffer;
  /** Sent again and again. */
  drip?: string;
}

const head = (...lines: string[]) => request('POST', '/v1/companies', { lines, body: '' });
const unfinished = request('GET', '/v1/companies').subarray(0, -2);

const SLOW: Record<string, Slow> = {
  'says nothing': { first: '' },
  'says one byte': { first: 'G' },
  'says nothing after its answer': { first: request('GET', '/v1/companies') },
  'sends its head a byte at a time': { first: Buffer.concat([unfinished, Buffer.from('X-A: ')]), drip: 'a' },
  'sends its head a line at a time': { first: unfinished, drip: 'X-A: b\r\n' },
  'never sends the body it has announced': { first: head('Content-Length: 1000') },
  'stops in the middle of its body': { first: Buffer.concat([head('Content-Length: 1000'), Buffer.from('{')]) },
  'sends its body a byte at a time': { first: head('Content-Length: 1000000'), drip: 'a' },
  'sends its body in chunks of a byte': { first: head('Transfer-Encoding: chunked'), drip: '1\r\na\r\n' },
  'sends a chunk of nothing but its extension': {
    first: Buffer.concat([head('Transfer-Encoding: chunked'), Buffer.from('1;')]),
    drip: 'a',
  },
  'goes on with a body that was refused': { first: head('Content-Length: 100000000'), drip: 'a' },
  'goes on with a body that nobody asked for': {
    first: request('GET', '/nowhere', { lines: ['Content-Length: 100000'] }),
    drip: 'a',
  },
};

describe('a client', { concurrency: true }, () => {
  for (const [what, { first, drip }] of Object.entries(SLOW))
    test(`that ${what} is hung up on, and holds up nobody meanwhile`, async (t) => {
      const connection = await openRaw(app.port);
      t.after(() => connection.socket.destroy());
      const ended = connection.ended(HUNG_UP_WITHIN_MS);
      connection.send(first);
      while (!connection.isClosed) {
        await Promise.race([sleep(DRIP_MS), ended]);
        if (drip !== undefined) connection.send(drip);
        const other = await rawRequest(app.port, request('GET', '/v1/companies'));
        assert.equal(other?.status, 200);
      }
      for (const answer of await ended) assertCivilOrClosed(answer, what);
    });

  test('that keeps a body coming beyond the deadline is told so, and hung up on', async (t) => {
    const api = await startTestApi(t, { bodyDeadlineMs: 300 });
    const connection = await openRaw(api.port);
    t.after(() => connection.socket.destroy());
    connection.send(head('Transfer-Encoding: chunked'));
    const ended = connection.ended(HUNG_UP_WITHIN_MS);
    while (!connection.isClosed) {
      connection.send('10\r\n0123456789abcdef\r\n');
      await Promise.race([sleep(20), ended]);
    }
    assertProblem((await ended)[0], 408, 'request_timeout');
  });
});

test('after all of it nothing went wrong inside', () => {
  assert.deepEqual(app.failures(), []);
});
