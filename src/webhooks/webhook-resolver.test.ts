import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { createWebhookResolve } from './webhook-resolver.ts';

/** A and AAAA (RFC 1035, section 3.2.2; RFC 3596). */
const TYPES: Record<number, number[]> = { 1: [203, 0, 113, 7], 28: [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 7] };
const HEADER_BYTES = 12;

/** A nameserver that answers questions of these types, and is silent about others. */
async function startNameserver(t: TestContext, answers: readonly number[]) {
  let questions = 0;
  const socket = createSocket('udp4', (question, { port }) => {
    questions += 1;
    const type = question.readUInt16BE(question.indexOf(0, HEADER_BYTES) + 1);
    if (answers.includes(type)) socket.send(answerTo(question, type), port, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { servers: [`127.0.0.1:${socket.address().port}`], questions: () => questions };
}

function answerTo(question: Buffer, type: number): Buffer {
  const end = question.indexOf(0, HEADER_BYTES) + 5;
  const head = Buffer.from(question.subarray(0, HEADER_BYTES));
  // An answer without trouble, and one record.
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 6);
  head.writeUInt32BE(0, 8);
  const data = TYPES[type] ?? [];
  // The name is that of the question; class IN, for a minute.
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data]);
  return Buffer.concat([head, question.subarray(HEADER_BYTES, end), record]);
}

test('finds the addresses of both families', async (t) => {
  const { servers } = await startNameserver(t, [1, 28]);
  assert.deepEqual(await createWebhookResolve({ servers })('crm.example'), [
    { address: '203.0.113.7', family: 4 },
    { address: '2001:db8::7', family: 6 },
  ]);
});

test('takes what it has when the other half of the answer does not come', async (t) => {
  const { servers } = await startNameserver(t, [1]);
  const found = await createWebhookResolve({ servers, deadlineMs: 500 })('crm.example');
  assert.deepEqual(found, [{ address: '203.0.113.7', family: 4 }]);
});

test('a silent nameserver costs its own look-ups alone their time', async (t) => {
  const { servers, questions } = await startNameserver(t, []);
  const resolve = createWebhookResolve({ servers, deadlineMs: 2_000 });
  let ended = 0;
  const silent = Array.from({ length: 20 }, (_, n) =>
    resolve(`name${n}.example`).then(
      () => assert.fail('there was an answer'),
      (error) => {
        ended += 1;
        assert.equal(error.code, 'ETIMEOUT');
      },
    ),
  );
  // The system's resolver has four threads.
  assert.equal((await lookup('localhost', { all: true })).length > 0, true);
  assert.equal(ended, 0);
  await Promise.all(silent);
  assert.equal(questions() >= 40, true);
});
