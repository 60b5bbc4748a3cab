import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#test/support/eventually.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { createListener, type ListenerDeps } from './listener.ts';
import { Problem } from './problem.ts';
import { ClientGone } from './request-body.ts';

const LIMIT = 1000;

/** Answers the length of the body, or the status of the refusal; counts what went wrong. */
async function bodyLength(exchange: Exchange): Promise<Answer> {
  try {
    return jsonAnswer(200, { length: (await exchange.readBody(LIMIT)).length });
  } catch (error) {
    if (error instanceof Problem) return { ...jsonAnswer(error.status, {}), closesConnection: error.status === 408 };
    assert.ok(error instanceof ClientGone);
    return jsonAnswer(500, {});
  }
}

async function start(t: TestContext, handle: ListenerDeps['handle'], options: Partial<ListenerDeps> = {}) {
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  const listener = createListener({ host: '127.0.0.1', port: 0, handle, onFailure, ...options });
  const { port } = await listener.listen();
  t.after(async () => {
    await listener.stop();
    assert.deepEqual(failures, []);
  });
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined); // a reset is an end like any other
    await once(socket, 'connect');
    t.after(() => socket.destroy());
    return socket;
  };
  return { listener, port, open, url: `http://127.0.0.1:${port}/` };
}

/** All that the server sends until it closes, or until `enough` matches. */
async function received(socket: Socket, enough: RegExp): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    if (enough.test(text)) socket.destroy();
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}

const head = (length: number) => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

describe('the listener', () => {
  test('joins a body that comes in pieces, chunked or not', async (t) => {
    const { open } = await start(t, bodyLength);
    const pieces = await open();
    pieces.write(`${head(9)}abc`);
    await sleep(20);
    pieces.write('defghi');
    assert.match(await received(pieces, /\}$/), /^HTTP\/1.1 200 OK\r\n.*\{"length":9\}$/s);
    const chunked = await open();
    chunked.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await sleep(20);
    chunked.write('2\r\nde\r\n0\r\n\r\n');
    assert.match(await received(chunked, /\}$/), /\{"length":5\}$/);
  });

  test('refuses a declared length over the limit before the body comes, and an undeclared one when it is reached', async (t) => {
    const { open } = await start(t, bodyLength);
    const declared = await open();
    declared.write(head(LIMIT + 1));
    assert.match(await received(declared, /\}$/), /^HTTP\/1.1 413 /);
    const chunked = await open();
    const chunk = `1f4\r\n${'x'.repeat(500)}\r\n`;
    chunked.write(`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}`);
    assert.match(await received(chunked, /\}$/), /^HTTP\/1.1 413 /);
  });

  test('gives a body up that drips past its deadline', async (t) => {
    const { open } = await start(t, bodyLength, { bodyDeadlineMs: 60 });
    const socket = await open();
    socket.write(`${head(100)}a`);
    const drip = setInterval(() => socket.write('a'), 10);
    t.after(() => clearInterval(drip));
    const text = await received(socket, /never/);
    assert.match(text, /^HTTP\/1.1 408 .*Connection: close/is);
  });

  test('outlives clients that hang up in the middle of a body or of an answer', async (t) => {
    const ends: string[] = [];
    let begun = 0;
    const { open, url } = await start(t, async (exchange) => {
      begun += 1;
      if (exchange.path === '/slow') {
        await sleep(5_000, undefined, { signal: exchange.signal() }).catch(() => ends.push('aborted'));
        return jsonAnswer(200, {});
      }
      if (exchange.method === 'GET') return jsonAnswer(200, { text: 'x'.repeat(5_000_000) });
      const answer = await bodyLength(exchange);
      ends.push(`body ${answer.status}`);
      return answer;
    });
    for (let n = 0; n < 20; n += 1) {
      const [body, slow, deaf] = [await open(), await open(), await open()];
      body.write(`${head(100)}abc`);
      slow.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
      deaf.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      // A reset takes along what the server has not read yet.
      await eventually(() => assert.equal(begun, 3 * (n + 1)));
      body.resetAndDestroy();
      slow.destroy();
      deaf.resetAndDestroy();
    }
    await eventually(() =>
      assert.deepEqual(ends.sort(), [...Array(20).fill('aborted'), ...Array(20).fill('body 500')]),
    );
    assert.equal((await fetch(url, { method: 'POST', body: 'abc' })).status, 200);
  });

  test('outlives what is not HTTP', async (t) => {
    const { open, url } = await start(t, bodyLength);
    const hostile = [
      'GET',
      'GET / HTTP/1.1\r\nHost: x\r\nX-Half',
      '\r\n\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nabc',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1e9\r\n\r\nabc',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nabc',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n',
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(500)}\r\n`,
      `${head(3)}abc`.repeat(50),
      'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET / HTTP/0.9\r\n\r\n',
    ];
    for (const bytes of hostile) {
      const socket = await open();
      socket.resume();
      socket.write(Buffer.from(bytes, 'latin1'));
      await sleep(5);
      socket.destroy();
    }
    const answers = await Promise.all(hostile.map(() => fetch(url, { method: 'POST', body: 'abc' })));
    assert.ok(answers.every((answer) => answer.status === 200));
  });
});

describe('stop', () => {
  test('lets requests in flight finish, takes no others, and may be called again', async (t) => {
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { listener, url, open } = await start(t, async () => {
      await held;
      return jsonAnswer(200, { done: true });
    });
    const idle = await open();
    const inFlight = [fetch(url), fetch(url)];
    await sleep(30);
    const stopped = Promise.all([listener.stop(), listener.stop()]);
    await assert.rejects(fetch(url));
    finish();
    for (const reply of await Promise.all(inFlight)) {
      assert.deepEqual(await reply.json(), { done: true });
      assert.equal(reply.headers.get('connection'), 'close');
    }
    await stopped;
    idle.resume();
    if (!idle.closed) await once(idle, 'close');
    await listener.stop();
  });

  test('does not wait for a handler longer than its deadline', async (t) => {
    const { listener, url } = await start(t, () => new Promise(() => undefined), { drainDeadlineMs: 50 });
    const lost = assert.rejects(fetch(url));
    await sleep(30);
    await listener.stop();
    await lost;
  });

  test('answers who has been quiet for longer than it lingers, and sends just after it began', async (t) => {
    const lingerMs = 300;
    const { listener, open } = await start(t, bodyLength, { lingerMs });
    const [quiet, silent] = [await open(), await open()];
    const request = `${head(3)}abc`;
    quiet.write(request);
    await once(quiet, 'data');
    await sleep(lingerMs + 50);
    const stopped = listener.stop();
    quiet.write(request);
    assert.match(await received(quiet, /never/), /^HTTP\/1.1 200 .*Connection: close/is);
    await stopped;
    silent.resume();
    if (!silent.closed) await once(silent, 'close');
  });

  test('is fine without a start', async () => {
    const never = async (): Promise<Answer> => jsonAnswer(200, {});
    await createListener({ host: '127.0.0.1', port: 0, handle: never, onFailure: assert.ifError }).stop();
  });
});
