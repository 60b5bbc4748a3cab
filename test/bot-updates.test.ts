import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Composer } from 'grammy';
import type { Fault } from '#sandbox/telegram/faults.ts';
import type { BotContext } from '#src/bot/bot-context.ts';
import { BotUpdate } from '#src/db/bot-entities.ts';
import { calls, openBotWorld, said, startBot, untilSaid } from './support/bot.ts';
import { effects, openUpdates } from './support/bot-handlers.ts';
import { eventually } from './support/eventually.ts';

const IVAN = 501;
const OLGA = 502;

test('a message is acted on and answered once, though Telegram gives it again', async (t) => {
  const world = await openBotWorld(t);
  const { telegram, database } = world;
  telegram.registerUser({ id: IVAN, first_name: 'Ivan' });
  const first = startBot(t, world);
  telegram.sendText(IVAN, 'one');
  await untilSaid(telegram, IVAN, ['heard one']);
  await eventually(async () => assert.equal(await openUpdates(database), 0));
  await first.stop(AbortSignal.timeout(5000));
  telegram.fault('bot', { kind: 'reset_after' }, { times: 2, methods: ['getUpdates'] });
  telegram.sendText(IVAN, 'two');
  startBot(t, world);
  await untilSaid(telegram, IVAN, ['heard one', 'heard two']);
  assert.deepEqual(await effects(database, IVAN), ['one', 'two']);
  const rows = await database.read().find(BotUpdate, {});
  assert.equal(rows.length, 2);
});

test('what is done keeps nothing of what people wrote', async (t) => {
  const world = await openBotWorld(t);
  world.telegram.registerUser({ id: IVAN, first_name: 'Ivan' });
  startBot(t, world);
  world.telegram.sendText(IVAN, 'secret');
  await untilSaid(world.telegram, IVAN, ['heard secret']);
  await eventually(async () => assert.equal(await openUpdates(world.database), 0));
  assert.doesNotMatch(JSON.stringify(await world.database.read().find(BotUpdate, {})), /secret|Ivan/);
});

test('only the kinds of updates that are handled are asked for, and nothing is confirmed before it is stored', async (t) => {
  const world = await openBotWorld(t);
  world.telegram.registerUser({ id: IVAN, first_name: 'Ivan' });
  startBot(t, world);
  world.telegram.sendText(IVAN, 'one');
  await untilSaid(world.telegram, IVAN, ['heard one']);
  await eventually(() => assert.equal(calls(world.telegram, 'getUpdates').length, 2));
  const [first, second] = calls(world.telegram, 'getUpdates');
  const [row] = await world.database.read().find(BotUpdate, {});
  assert.equal(Number(first?.parameters.offset), 0);
  assert.equal(Number(second?.parameters.offset), (row?.update_id ?? 0) + 1);
  const allowed = second?.parameters.allowed_updates;
  assert.deepEqual(typeof allowed === 'string' ? JSON.parse(allowed) : allowed, [
    'message',
    'callback_query',
    'my_chat_member',
  ]);
});

test('one chat is answered in order, and a slow one holds up no other', async (t) => {
  const world = await openBotWorld(t);
  const { telegram } = world;
  for (const id of [IVAN, OLGA]) telegram.registerUser({ id, first_name: 'someone' });
  telegram.fault(IVAN, { kind: 'too_many_requests', retryAfter: 1 }, { times: 1, methods: ['sendMessage'] });
  startBot(t, world);
  for (const text of ['a', 'b', 'c']) telegram.sendText(IVAN, text);
  telegram.sendText(OLGA, 'x');
  await untilSaid(telegram, OLGA, ['heard x']);
  assert.deepEqual(said(telegram, IVAN), []);
  await untilSaid(telegram, IVAN, ['heard a', 'heard b', 'heard c']);
});

test('a handler that fails is tried three times, then its user hears so and the chat goes on', async (t) => {
  const world = await openBotWorld(t);
  const { telegram, database } = world;
  telegram.registerUser({ id: IVAN, first_name: 'Ivan', language_code: 'en' });
  startBot(t, world);
  telegram.sendText(IVAN, 'fail');
  telegram.sendText(IVAN, 'after');
  const sorry = '😔 Something went wrong. Please try again a little later.';
  await untilSaid(telegram, IVAN, [sorry, 'heard after']);
  assert.deepEqual(await effects(database, IVAN), ['after']);
  await eventually(async () => assert.equal(await openUpdates(database), 0));
});

test('what no handler takes is done in silence, but a button never goes on spinning', async (t) => {
  const world = await openBotWorld(t);
  const { telegram, database } = world;
  telegram.registerUser({ id: IVAN, first_name: 'Ivan' });
  const handlers = new Composer<BotContext>();
  handlers.on('message', (ctx) => {
    const keyboard = [[{ text: 'Unknown', callback_data: 'unknown' }]];
    if (ctx.message.text !== 'ignore') ctx.respond({ kind: 'send', chat_id: ctx.chat.id, html: 'menu', keyboard });
  });
  startBot(t, world, { handlers });
  telegram.sendText(IVAN, 'ignore');
  telegram.sendText(IVAN, 'menu');
  await untilSaid(telegram, IVAN, ['menu']);
  const message = telegram.messages(IVAN).at(-1);
  const pressed = telegram.pressButton(IVAN, message?.message_id ?? 0, 'unknown');
  await eventually(() => assert.deepEqual(pressed.answer(), { text: '', show_alert: false, url: '' }));
  telegram.block(IVAN);
  await eventually(async () => {
    assert.equal(await database.read().count(BotUpdate, {}), 4);
    assert.equal(await openUpdates(database), 0);
  });
});

test('a thousand people who press at the same time each have one effect', async (t) => {
  const world = await openBotWorld(t);
  const { telegram, database } = world;
  const people = Array.from({ length: 1000 }, (_, n) => 10_000 + n);
  for (const id of people) {
    telegram.registerUser({ id, first_name: 'someone' });
    telegram.sendText(id, 'hello');
  }
  startBot(t, world);
  await eventually(async () => assert.equal(calls(telegram, 'sendMessage').length, 1000), 30_000);
  await eventually(async () => assert.equal(await openUpdates(database), 0), 30_000);
  for (const id of people) assert.deepEqual(said(telegram, id), ['heard hello']);
  const [row] = await database.read().execute<{ n: number }[]>('SELECT COUNT(*) AS n FROM companies');
  assert.equal(row?.n, 1000);
});

const FAULTS: [Fault, number][] = [
  [{ kind: 'too_many_requests', retryAfter: 1 }, 1],
  [{ kind: 'server_error' }, 1],
  [{ kind: 'bad_gateway' }, 1],
  [{ kind: 'reset_before' }, 1],
  [{ kind: 'reset_after' }, 2],
];

for (const [fault, times] of FAULTS)
  test(`an answer that meets ${fault.kind} is said ${times === 1 ? 'once' : 'twice at most'}`, async (t) => {
    const world = await openBotWorld(t);
    const { telegram, database } = world;
    telegram.registerUser({ id: IVAN, first_name: 'Ivan' });
    telegram.fault(IVAN, fault, { times: 1, methods: ['sendMessage'] });
    startBot(t, world);
    telegram.sendText(IVAN, 'one');
    await untilSaid(
      telegram,
      IVAN,
      Array.from({ length: times }, () => 'heard one'),
    );
    await eventually(async () => assert.equal(await openUpdates(database), 0));
    assert.deepEqual(await effects(database, IVAN), ['one']);
    const message = telegram.messages(IVAN).at(-1);
    telegram.fault('bot', fault, { times: 1, methods: ['answerCallbackQuery', 'editMessageText'] });
    const pressed = telegram.pressButton(IVAN, message?.message_id ?? 0, 'press');
    await eventually(() => assert.equal(said(telegram, IVAN).at(-1), 'pressed'));
    assert.equal(pressed.answer()?.text, 'pressed');
  });
