import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '#test/support/eventually.ts';
import { openLive } from '#test/support/live-client.ts';
import type { Answer, Socket } from './answer.ts';
import { createListener } from './listener.ts';

test('a socket takes no more than its bound from a sender faster than the client', async (t) => {
  const open: Socket[] = [];
  let drains = 0;
  const answer: Answer = {
    status: 101,
    socket(socket) {
      open.push(socket);
      return {
        drained: () => {
          drains += 1;
        },
        closed: () => void open.pop(),
      };
    },
  };
  const listener = createListener({
    host: '127.0.0.1',
    port: 0,
    handle: async () => answer,
    onFailure: assert.ifError,
  });
  t.after(() => listener.stop());
  const { port } = await listener.listen();
  const { socket: client, closed } = await openLive(t, port);
  const [socket] = open;
  assert.ok(socket);
  let read = 0;
  client.removeAllListeners('message').on('message', () => {
    read += 1;
  });

  client.pause();
  const message = 'x'.repeat(100_000);
  let taken = 0;
  // The kernel takes a few million bytes of a connection; the rest of the gigabyte may wait nowhere.
  for (let n = 0; n < 10_000; n += 1) if (socket.send(message)) taken += 1;
  assert.equal(taken > 0 && taken < 200, true, `${taken} taken`);
  assert.equal(drains, 0);
  client.resume();
  await eventually(() => assert.equal(read, taken));
  assert.equal(drains > 0, true);
  assert.equal(socket.send('again'), true);

  client.pause();
  while (socket.send(message));
  socket.close(1013, 'too slow');
  assert.deepEqual(open, [], 'it is gone at once, though a close frame would have had to wait');
  socket.close(1013, 'again');
  assert.equal(socket.send('x'), false);
  client.resume();
  assert.equal((await closed).code, 1006);
});

test('a socket that is closed while it opens is told so', async (t) => {
  let ends = 0;
  const answer: Answer = {
    status: 101,
    socket(socket) {
      socket.close(1013, 'not now');
      return {
        drained: () => undefined,
        closed: () => {
          ends += 1;
        },
      };
    },
  };
  const listener = createListener({
    host: '127.0.0.1',
    port: 0,
    handle: async () => answer,
    onFailure: assert.ifError,
  });
  t.after(() => listener.stop());
  const { port } = await listener.listen();
  const { closed } = await openLive(t, port);
  assert.deepEqual(await closed, { code: 1013, reason: 'not now' });
  assert.equal(ends, 1);
});
