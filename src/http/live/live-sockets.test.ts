import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestApi } from '#test/support/api.ts';
import { eventually } from '#test/support/eventually.ts';
import { type LiveClient, openLive } from '#test/support/live-client.ts';
import type { LiveBroadcast } from './live-feed.ts';

const INTERVAL_MS = 20;

const HANDSHAKE =
  'GET /v1/live?company_id=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-admin-key\r\nUpgrade: websocket\r\n' +
  'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

async function start(t: TestContext, text = '') {
  let sent = 0;
  const api = await startTestApi(t, {
    live: { intervalMs: INTERVAL_MS },
    async liveBroadcasts() {
      sent += 1;
      const view: LiveBroadcast & { sent: number; text: string } = {
        ...{ id: 1, company_id: 1, status: 'running', sent, text },
      };
      return [view];
    },
  });
  await api.ok('POST', '/v1/companies', { name: 'Салон', time_zone: 'UTC' });
  return { ...api, sent: () => sent, open: () => openLive(t, api.port, { query: '?company_id=1' }) };
}

const lastSent = ({ told }: LiveClient): number => told.at(-1)?.sent ?? 0;

describe('a WebSocket', () => {
  test('of a client that does not read holds nobody up, and then gets the newest state', async (t) => {
    const { open, sent } = await start(t, 'x'.repeat(300_000));
    const slow = await open();
    const other = await open();
    await eventually(() => assert.equal(slow.told.length > 0, true));
    slow.socket.pause();
    const from = sent();
    // Far more than what the kernel takes for a connection.
    await eventually(() => assert.equal(lastSent(other) > from + 80, true), 20_000);
    const newest = sent();
    slow.socket.resume();
    await eventually(() => assert.equal(lastSent(slow) >= newest, true));
    const skipped = slow.told.map((view, index) => view.sent - (slow.told[index - 1]?.sent ?? view.sent));
    assert.equal(Math.max(...skipped) > 10, true, 'what lay between was left out');
  });

  test('is closed on what a client says, and outlives frames that are too long or broken', async (t) => {
    const { open, call } = await start(t);
    for (const message of ['hello', Buffer.from([1, 2, 3])]) {
      const { socket, closed } = await open();
      socket.send(message);
      assert.equal((await closed).code, 1003);
    }
    const { socket: huge, closed } = await open();
    huge.send('x'.repeat(1_000_000));
    assert.equal((await closed).code, 1006);
    const ping = await open();
    ping.socket.ping('still there?');
    await once(ping.socket, 'pong');
    assert.equal((await call('GET', '/healthz')).status, 200);
  });

  test('outlives clients that speak before it is open, or hang up', async (t) => {
    const { port, call, open } = await start(t);
    const frames = [
      Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x60, 0x60]),
      Buffer.from([0xff, 0xff, 0xff]),
      Buffer.from('hello'),
      Buffer.from(HANDSHAKE),
      Buffer.alloc(0),
    ];
    for (let n = 0; n < 50; n += 1) {
      const socket = connect(port, '127.0.0.1');
      t.after(() => socket.destroy());
      socket.on('error', () => undefined).resume();
      socket.write(Buffer.concat([Buffer.from(HANDSHAKE), frames[n % frames.length] ?? Buffer.alloc(0)]));
      if (n % 2 === 0) socket.once('data', () => socket.resetAndDestroy());
      else {
        await sleep(n % 4);
        socket.destroy();
      }
    }
    assert.equal((await call('GET', '/healthz')).status, 200);
    await eventually(async () => assert.equal((await open()).told.length >= 0, true));
  });

  test('stays open, whatever the request said of its connection', async (t) => {
    const { port, sent } = await start(t);
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    let ended = false;
    socket.resume().on('end', () => {
      ended = true;
    });
    // An upgrade after uWS's callback would be closed on this, and on other requests now and then.
    socket.write(HANDSHAKE.replace('Connection: Upgrade', 'Connection: close'));
    await once(socket, 'data');
    const from = sent();
    await eventually(() => assert.equal(sent() > from + 3, true));
    assert.equal(ended, false);
  });

  test('is closed with 1001 by a stop', async (t) => {
    const { open, stop } = await start(t);
    const clients = await Promise.all(Array.from({ length: 20 }, open));
    await stop();
    for (const { closed } of clients) assert.deepEqual(await closed, { code: 1001, reason: 'the server is stopping' });
    await assert.rejects(open());
  });
});
