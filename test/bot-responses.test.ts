import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startTelegramSimulator } from '#sandbox/telegram/simulator.ts';
import type { BotResponse } from '#src/bot/bot-response.ts';
import type { Held } from '#src/bot/held.ts';
import { createResponder } from '#src/bot/responder.ts';
import type { SendLane } from '#src/channels/send-budget/send-budget.ts';
import { createTelegramApi } from '#src/channels/telegram-api.ts';
import { Company, User } from '#src/db/entities.ts';
import { createLog } from '#src/observability/log.ts';
import { BOT_TOKEN, calls, said } from './support/bot.ts';
import { openTestDatabase } from './support/database.ts';
import { eventually } from './support/eventually.ts';
import { UNLIMITED_SENDS } from './support/send-budget.ts';

const IVAN = 501;
const HOUR_MS = 3_600_000;

async function openChat(t: TestContext, sends: Pick<SendLane, 'turn' | 'refused'> = UNLIMITED_SENDS) {
  let wall = Date.now();
  const telegram = await startTelegramSimulator({ token: BOT_TOKEN, rate: 'unlimited', wallClock: () => wall });
  t.after(() => telegram.stop());
  telegram.registerUser({ id: IVAN, first_name: 'Ivan' });
  const database = await openTestDatabase(t);
  const log = createLog('silent');
  const api = createTelegramApi({ token: BOT_TOKEN, apiRoot: telegram.apiRoot });
  const responder = createResponder({ telegram: api, sends, database, log });
  const [ending, cut] = [new AbortController(), new AbortController()];
  t.after(() => cut.abort());
  let isCurrent = true;
  const held: Held = { ending: ending.signal, cut: cut.signal, isCurrent: () => isCurrent };
  return {
    telegram,
    database,
    ending,
    cut,
    freeze: () => {
      isCurrent = false;
    },
    perform: (response: BotResponse) => responder.perform(response, held),
    pass: (ms: number) => {
      wall += ms;
    },
    lastId: () => telegram.messages(IVAN).at(-1)?.message_id ?? 0,
  };
}

const keyboard = [[{ text: 'Press', callback_data: 'press' }]];
const send = (html: string, chat_id = IVAN): BotResponse => ({ kind: 'send', chat_id, html, keyboard });

test('sends, edits and deletes, and what stands already counts as done', async (t) => {
  const { telegram, perform, lastId } = await openChat(t);
  assert.equal(await perform(send('<b>one</b>')), true);
  const message = { chat_id: IVAN, message_id: lastId() };
  assert.deepEqual(telegram.messages(IVAN)[0]?.reply_markup?.inline_keyboard, keyboard);
  const edit: BotResponse = { kind: 'edit', ...message, html: 'two', keyboard: [] };
  for (const _ of ['first', 'again']) assert.equal(await perform(edit), true);
  assert.deepEqual(said(telegram, IVAN), ['two']);
  assert.deepEqual(telegram.messages(IVAN)[0]?.reply_markup?.inline_keyboard ?? [], []);
  for (const _ of ['first', 'again']) assert.equal(await perform({ kind: 'delete', ...message }), true);
  assert.equal(telegram.messages(IVAN)[0]?.deleted, true);
  assert.equal(await perform(edit), true);
  assert.equal(await perform({ kind: 'answer', query_id: 'old', text: 'late', alert: true }), true);
  const methods = ['sendMessage', 'editMessageText', 'deleteMessage', 'answerCallbackQuery'];
  assert.deepEqual(
    methods.map((method) => calls(telegram, method).length),
    [1, 3, 2, 1],
  );
});

test('other buttons replace those below a message, whose text stays', async (t) => {
  const { telegram, perform, lastId } = await openChat(t);
  await perform(send('<b>one</b>'));
  const other = [[{ text: 'Other', callback_data: 'other' }]];
  const swap: BotResponse = { kind: 'buttons', chat_id: IVAN, message_id: lastId(), keyboard: other };
  for (const _ of ['first', 'again']) assert.equal(await perform(swap), true);
  const [message] = telegram.messages(IVAN);
  assert.deepEqual([message?.text, message?.reply_markup?.inline_keyboard], ['one', other]);
  assert.equal(await perform({ ...swap, message_id: 999 }), true);
  assert.equal(await perform({ ...swap, keyboard: [[{ text: 'Bad', callback_data: 'x'.repeat(65) }]] }), true);
  assert.equal(calls(telegram, 'editMessageReplyMarkup').length, 5);
});

test('a message that is too old to delete loses its buttons', async (t) => {
  const { telegram, perform, pass, lastId } = await openChat(t);
  await perform(send('one'));
  pass(49 * HOUR_MS);
  const remove: BotResponse = { kind: 'delete', chat_id: IVAN, message_id: lastId() };
  for (const _ of ['first', 'again']) assert.equal(await perform(remove), true);
  const [message] = telegram.messages(IVAN);
  assert.deepEqual([message?.deleted, message?.reply_markup], [false, undefined]);
});

test('HTML that Telegram refuses is shown once as plain text', async (t) => {
  const { telegram, perform } = await openChat(t);
  await perform(send('<b>Ivan & <i>Co</b>'));
  assert.deepEqual(said(telegram, IVAN), ['<b>Ivan & <i>Co</b>']);
  assert.equal(await perform(send('x'.repeat(5000))), true);
  assert.equal(calls(telegram, 'sendMessage').length, 4);
});

test('a chat that takes nothing is remembered for everybody whose it is', async (t) => {
  const { telegram, database, perform } = await openChat(t);
  await database.write(async (tx) => {
    const common = { created_at: new Date() };
    for (const name of ['one', 'two']) {
      const company_id = await tx.insert(Company, { name, time_zone: 'UTC', ...common });
      const user = { company_id, role: 'client', name, tg_id: IVAN, locale: 'ru', ads_opt_out: false } as const;
      await tx.insert(User, { ...user, ...common });
    }
  });
  telegram.block(IVAN);
  assert.equal(await perform(send('one')), true);
  const users = await database.read().find(User, {});
  assert.deepEqual(
    users.map(({ telegram_unreachable }) => telegram_unreachable),
    ['blocked', 'blocked'],
  );
});

test('a group that became a supergroup is followed, by its users too', async (t) => {
  const { telegram, database, perform } = await openChat(t);
  const [old, moved] = [-42, -100_042];
  telegram.registerGroup({ id: old, title: 'Salon' });
  telegram.registerGroup({ id: moved, title: 'Salon' });
  await database.write(async (tx) => {
    const common = { created_at: new Date() };
    const company_id = await tx.insert(Company, { name: 'one', time_zone: 'UTC', ...common });
    const user = { company_id, role: 'admin', name: 'Salon', tg_id: old, locale: 'ru', ads_opt_out: false } as const;
    await tx.insert(User, { ...user, ...common });
  });
  telegram.fault(old, { kind: 'migrated', to: moved });
  assert.equal(await perform(send('one', old)), true);
  assert.deepEqual(said(telegram, moved), ['one']);
  assert.equal((await database.read().find(User, {}))[0]?.tg_id, moved);
});

test('a wait ends with the holding, and a call under way only when it is cut', async (t) => {
  const { telegram, perform, ending, cut } = await openChat(t);
  telegram.fault(IVAN, { kind: 'too_many_requests', retryAfter: 60 }, { times: 1 });
  const waiting = perform(send('one'));
  await eventually(() => assert.equal(calls(telegram, 'sendMessage')[0]?.outcome?.status, 429));
  ending.abort();
  assert.equal(await waiting, false);
  assert.equal(await perform(send('two')), true);
  telegram.fault(IVAN, { kind: 'hang' });
  const hanging = perform(send('three'));
  await eventually(() => assert.equal(calls(telegram, 'sendMessage').length, 3));
  cut.abort();
  assert.equal(await hanging, false);
});

test('a chat that takes nothing now gets its message later, and all who send are told of a refusal', async (t) => {
  const refused: number[][] = [];
  let heldForMs = 300;
  const { telegram, perform, ending } = await openChat(t, {
    async turn(chatId, signal) {
      const forMs = chatId === IVAN ? heldForMs : 0;
      heldForMs = 0;
      return forMs > 0 ? { kind: 'chat_held', forMs } : await UNLIMITED_SENDS.turn(chatId, signal);
    },
    async refused(...chat) {
      refused.push(chat);
    },
  });
  telegram.fault(IVAN, { kind: 'too_many_requests', retryAfter: 1 }, { times: 1 });
  const asked = performance.now();
  assert.equal(await perform(send('one')), true);
  assert.ok(performance.now() - asked > 1250);
  assert.deepEqual(refused, [[IVAN, 1000]]);
  assert.deepEqual([said(telegram, IVAN), calls(telegram, 'sendMessage').length], [['one'], 2]);
  heldForMs = 60_000;
  const waiting = perform(send('two'));
  ending.abort();
  assert.equal(await waiting, false);
});

test('a process that was frozen until another could take over shows nothing more', async (t) => {
  const { telegram, perform, lastId, freeze } = await openChat(t);
  await perform(send('newer'));
  const edit: BotResponse = { kind: 'edit', chat_id: IVAN, message_id: lastId(), html: 'older', keyboard: [] };
  freeze();
  assert.equal(await perform(edit), false);
  assert.equal(await perform(send('twice')), false);
  assert.deepEqual(said(telegram, IVAN), ['newer']);
});
