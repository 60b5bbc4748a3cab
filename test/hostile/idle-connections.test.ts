import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startHostileApp } from './hostile-app.ts';
import { rawRequest } from './raw-socket.ts';
import { COMPANY, request } from './requests.ts';

const WANTED = 10_000;
/** Files that this process and the app need beside the connections. */
const SPARE = 500;
const AT_ONCE = 200;
const GATHER_WITHIN_MS = 60_000;

const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024);

/** Connections that say nothing. The server closes each after a while, so it is opened again. */
async function holdIdle(port: number, count: number): Promise<{ sockets: Set<Socket>; release(): void }> {
  const sockets = new Set<Socket>();
  let isHeld = true;
  const open = (): Socket => {
    const socket = connect(port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
    socket.once('close', () => {
      sockets.delete(socket);
      if (isHeld) open();
    });
    return socket;
  };
  while (sockets.size < count)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - sockets.size) }, () => once(open(), 'connect')));
  return {
    sockets,
    release() {
      isHeld = false;
      for (const socket of sockets) socket.destroy();
    },
  };
}

test('beside ten thousand idle connections requests are answered, and afterwards nothing is left of them', async (t) => {
  const app = await startHostileApp();
  const count = Math.min(WANTED, limit - SPARE);
  const base = await app.measure();
  const idle = await holdIdle(app.port, count);
  t.after(() => idle.release());
  // Some are between two lives at any time.
  await eventually(async () => {
    const { descriptors } = await app.measure();
    assert.equal(descriptors - base.descriptors > count * 0.95, true, `${descriptors} of ${count}`);
  }, GATHER_WITHIN_MS);

  const took: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    const start = performance.now();
    const body = COMPANY;
    const answer = await rawRequest(
      app.port,
      n % 2 ? request('GET', '/v1/companies') : request('POST', '/v1/companies', { body }),
    );
    assert.equal(answer?.status, n % 2 ? 200 : 201);
    took.push(performance.now() - start);
  }
  const held = await app.measure();
  const perConnection = (held.heap - base.heap) / count;
  t.diagnostic(
    `${count} connections (${limit} files allowed), slowest answer ${Math.round(Math.max(...took))} ms, ${Math.round(perConnection)} bytes of heap each`,
  );
  assert.equal(perConnection < 2_000, true, `${perConnection} bytes`);

  idle.release();
  await eventually(async () => {
    const after = await app.measure();
    assert.equal(
      after.descriptors <= base.descriptors + 10,
      true,
      `${after.descriptors} files, once ${base.descriptors}`,
    );
    assert.equal(after.heap < base.heap + 4_000_000, true, `${after.heap} bytes, once ${base.heap}`);
  }, GATHER_WITHIN_MS);
  assert.deepEqual(app.failures(), []);
  assert.equal(await app.terminate(), 0);
});
