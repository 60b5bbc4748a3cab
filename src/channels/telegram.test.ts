import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { startTelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { eventually } from '#test/support/eventually.ts';
import { createTelegramChannel, type SendManner } from './telegram.ts';
import { createTelegramApi } from './telegram-api.ts';

const TOKEN = '4242:sandbox-token';
const CHAT = 42;

async function setUp(t: TestContext) {
  const simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  t.after(() => simulator.stop());
  simulator.registerUser({ id: CHAT, first_name: 'Анна' });
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
  const telegram = createTelegramApi({ token: TOKEN, apiRoot: simulator.apiRoot });
  const channel = createTelegramChannel({ telegram, log });
  t.after(() => channel.stop());
  const { signal } = new AbortController();
  return {
    ...{ simulator, channel, lines },
    calls: (method: string) => simulator.requests().filter((request) => request.method === method).length,
    send: (manner?: SendManner, html = '<b>x</b>') => channel.send(CHAT, { html, keyboard: [] }, signal, manner),
  };
}

test('after a refused token nothing is sent until a probe finds it accepted', async (t) => {
  const { simulator, channel, lines, calls, send } = await setUp(t);
  channel.start();
  await eventually(() => assert.equal(calls('getme'), 1));
  simulator.fault('bot', { kind: 'unauthorized' });
  assert.equal((await send()).kind, 'channel_down');
  // At once, though the next look was half a minute away.
  await eventually(() => assert.equal(calls('getme'), 2));
  for (let n = 0; n < 5; n += 1) {
    const result = await send();
    assert.equal(result.kind === 'channel_down' && result.failure.code, 'telegram_401');
  }
  assert.equal(calls('sendmessage'), 1);
  assert.equal(channel.trouble(), 'telegram_401: Unauthorized');
  simulator.clearFaults();
  assert.equal((await send()).kind, 'channel_down');
  await eventually(() => assert.equal(channel.trouble(), null));
  assert.equal((await send()).kind, 'delivered');
  assert.equal(calls('sendmessage'), 2);
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [
      [50, 'Telegram refuses the bot token; nothing is sent until it is accepted'],
      [30, 'Telegram answers again'],
    ],
  );
});

test('what was under way when the token was refused does not open the channel again', async (t) => {
  const { simulator, channel, calls, send } = await setUp(t);
  simulator.fault(CHAT, { kind: 'slow', ms: 300 }, { times: 1 });
  const slow = send();
  await eventually(() => assert.equal(calls('sendmessage'), 1));
  simulator.fault('bot', { kind: 'unauthorized' }, { times: 1 });
  assert.equal((await send()).kind, 'channel_down');
  assert.equal((await slow).kind, 'delivered');
  assert.equal(channel.trouble(), 'telegram_401: Unauthorized');
  assert.equal((await send()).kind, 'channel_down');
  assert.equal(calls('sendmessage'), 2);
});

test('without a connection every message is tried, and the first that arrives ends the trouble', async (t) => {
  const { simulator, channel, send } = await setUp(t);
  const port = Number(new URL(simulator.apiRoot).port);
  await simulator.stop();
  for (let n = 0; n < 2; n += 1) assert.equal((await send()).kind, 'channel_down');
  assert.match(channel.trouble() ?? '', /^telegram_unreachable: /);
  const again = await startTelegramSimulator({ token: TOKEN, port });
  t.after(() => again.stop());
  again.registerUser({ id: CHAT, first_name: 'Анна' });
  assert.equal((await send()).kind, 'delivered');
  assert.equal(channel.trouble(), null);
});

test('plain text is sent without its formatting, and what is paid for says so', async (t) => {
  const { simulator, send } = await setUp(t);
  await send({ asText: true }, '<b>1 &amp; 2');
  await send({ paid: true });
  await send();
  assert.deepEqual(
    simulator.messages(CHAT).map(({ text, entities }) => [text, entities?.length]),
    [
      ['1 & 2', undefined],
      ['x', 1],
      ['x', 1],
    ],
  );
  assert.deepEqual(
    simulator.requests().map(({ parameters }) => [parameters.parse_mode, parameters.allow_paid_broadcast]),
    [
      [undefined, undefined],
      ['HTML', true],
      ['HTML', undefined],
    ],
  );
});
