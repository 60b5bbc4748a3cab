import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startHostileApp } from './hostile-app.ts';
import { openRaw, type RawConnection, rawRequest } from './raw-socket.ts';
import { COMPANY, request } from './requests.ts';

const app = await startHostileApp();
assert.equal((await rawRequest(app.port, request('POST', '/v1/companies', { body: COMPANY })))?.status, 201);

async function openSocket(): Promise<RawConnection> {
  const key = `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`;
  const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key];
  const connection = await openRaw(app.port);
  connection.send(request('GET', '/v1/live?company_id=1', { lines }));
  await eventually(() => assert.match(connection.received(), /^HTTP\/1\.1 101 .*\r\n\r\n/s));
  return connection;
}

/** RFC 6455, section 5.2. */
function frame(first: number, payload: Buffer, { masked = true, length = payload.length } = {}): Buffer {
  const size =
    length < 126
      ? Buffer.from([length])
      : length < 65_536
        ? Buffer.from([126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([127]), bigEndian(length)]);
  if (masked) size[0] = (size[0] ?? 0) | 0x80;
  return Buffer.concat([Buffer.from([first]), size, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

function bigEndian(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

const [TEXT, BINARY, CONTINUATION, CLOSE, PING] = [0x81, 0x82, 0x80, 0x88, 0x89];
const word = Buffer.from('hello');
/** The answer to a ping of that word. */
const PONG = '\x8a\x05hello';

const HOSTILE: Record<string, Buffer[]> = {
  'a message, which nobody reads': [frame(TEXT, word)],
  'a binary message': [frame(BINARY, word)],
  // Of the first four bytes after the length a mask is made, whatever they are.
  'frames without a mask': [frame(TEXT, word, { masked: false }), frame(TEXT, word, { masked: false })],
  'a message over the limit': [frame(TEXT, Buffer.alloc(70_000, 'x'))],
  'a length of 2^63': [Buffer.from([TEXT, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  'a length that is announced and never sent': [frame(TEXT, word, { length: 2 ** 40 })],
  'a reserved opcode': [frame(0x83, word)],
  'a reserved control opcode': [frame(0x8b, word)],
  'reserved bits': [frame(0xf1, word)],
  'a continuation of nothing': [frame(CONTINUATION, word)],
  'a fragmented ping': [frame(0x09, word)],
  'a ping that is too long': [frame(PING, Buffer.alloc(126))],
  'text that is not UTF-8': [frame(TEXT, Buffer.from([0xc0, 0x80, 0xff]))],
  'a close of one byte': [frame(CLOSE, Buffer.from([3]))],
  'a close with a code that does not exist': [frame(CLOSE, Buffer.from([0x03, 0xed]))],
  'a close with a reason that is not UTF-8': [frame(CLOSE, Buffer.from([0x03, 0xe8, 0xff, 0xfe]))],
  'text in the middle of text': [frame(0x01, word), frame(TEXT, word)],
  'fragments without an end': Array.from({ length: 300 }, (_, n) => frame(n === 0 ? 0x01 : 0x00, word)),
  'no frame at all': [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
};

for (const [what, frames] of Object.entries(HOSTILE))
  test(`a listener that sends ${what} is hung up on, and nobody else`, async (t) => {
    const good = await openSocket();
    const bad = await openSocket();
    t.after(() => {
      good.socket.destroy();
      bad.socket.destroy();
    });
    for (const bytes of frames) bad.send(bytes);
    await eventually(() => assert.equal(bad.isClosed, true));
    good.send(frame(PING, word));
    await eventually(() => assert.equal(good.received().endsWith(PONG), true));
  });

test('a thousand pings at once are answered or cost the connection, and nobody else theirs', async (t) => {
  const good = await openSocket();
  const noisy = await openSocket();
  t.after(() => {
    good.socket.destroy();
    noisy.socket.destroy();
  });
  noisy.socket.pause();
  for (let n = 0; n < 1_000; n += 1) noisy.send(frame(PING, Buffer.alloc(125)));
  good.send(frame(PING, word));
  await eventually(() => assert.equal(good.received().endsWith(PONG), true));
});

test('after all of it nothing went wrong inside, and the process ends in order', async () => {
  assert.deepEqual(app.failures(), []);
  assert.equal(await app.terminate(), 0);
});
