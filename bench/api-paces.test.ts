import assert from 'node:assert/strict';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { postAtRate, postInTurn, withConnections } from './api-paces.ts';

const supply = {
  next: () => Buffer.from('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'),
  status: 202,
  made: () => 0,
};
const RUN = { supply, durationMs: 200, stragglersMs: 30_000 };

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (response: ServerResponse, status: number) =>
  void response.writeHead(status, { 'content-length': 0 }).end();

test('a server that stalls is charged with all who were due meanwhile', async (t) => {
  let releasedAt = Number.NaN;
  let stall: Promise<void> | undefined;
  const url = await serve(t, async (_request, response) => {
    stall ??= sleep(300).then(() => {
      releasedAt = performance.now();
    });
    await stall;
    answer(response, 202);
  });
  const sent = await withConnections(url, 2, (connections, fail) => postAtRate({ connections, fail, ...RUN }, 100));
  assert.equal(sent.dueAt.length, 20);
  for (const [number, dueAt] of sent.dueAt.entries()) {
    const answeredAt = sent.answeredAt[number] ?? Number.NaN;
    assert.ok(dueAt < releasedAt && answeredAt >= releasedAt, `request ${number} waited`);
    assert.equal(Math.round(dueAt - sent.startedAt), 10 * number, 'whatever became of those before');
  }
});

test('what gets no answer within the wait is left without one', async (t) => {
  const url = await serve(t, () => undefined);
  const sent = await withConnections(url, 2, (connections, fail) =>
    postAtRate({ connections, fail, ...RUN, stragglersMs: 50 }, 100),
  );
  assert.deepEqual(
    sent.answeredAt,
    sent.dueAt.map(() => undefined),
  );
});

test('in a closed loop a connection posts when the answer before is in', async (t) => {
  let underWay = 0;
  let most = 0;
  const url = await serve(t, async (_request, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await sleep(5);
    underWay -= 1;
    answer(response, 202);
  });
  const sent = await withConnections(url, 3, (connections, fail) => postInTurn({ connections, fail, ...RUN }));
  assert.ok(sent.dueAt.length >= 3);
  assert.equal(most, 3);
  assert.ok(sent.dueAt.every((dueAt, number) => (sent.answeredAt[number] ?? 0) > dueAt));
});

test('an answer of another status ends the run, and so does a connection that is lost', async (t) => {
  const refusing = await serve(t, (_request, response) => answer(response, 503));
  const hangingUp = await serve(t, (request) => void request.socket.destroy());
  const run = (url: string) =>
    withConnections(url, 2, (connections, fail) => postInTurn({ connections, fail, ...RUN }));
  await assert.rejects(run(refusing), /it answered 503/);
  await assert.rejects(run(hangingUp), /closed a connection|ECONNRESET/);
});
