import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Api, Bot, GrammyError } from 'grammy';
import { startTelegramSimulator, type TelegramSimulator } from './simulator.ts';
import { VirtualUserError } from './virtual-user.ts';

const TOKEN = '4242:sandbox-token';
const IVAN = 1001;

let simulator: TelegramSimulator;
let api: Api;

beforeEach(async () => {
  simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  api = new Api(TOKEN, { apiRoot: simulator.apiRoot });
  simulator.registerUser({ id: IVAN, first_name: 'Иван' });
});
afterEach(() => simulator.stop());

const polls = (): number => simulator.requests().filter(({ outcome }) => outcome === null).length;
const button = { reply_markup: { inline_keyboard: [[{ text: 'Скрыть', callback_data: 'bkn:hide:1' }]] } };

describe('getUpdates', () => {
  test('answers at once with what is there, up to the limit', async () => {
    for (const text of ['a', 'b', 'c']) simulator.sendText(IVAN, text);
    const updates = await api.getUpdates({ limit: 2, timeout: 50 });
    assert.deepEqual(
      updates.map(({ message }) => message?.text),
      ['a', 'b'],
    );
  });

  test('gives an update again until an offset above it confirms it', async () => {
    simulator.sendText(IVAN, 'a');
    simulator.sendText(IVAN, 'b');
    const [first] = await api.getUpdates();
    assert.equal((await api.getUpdates()).length, 2);
    const rest = await api.getUpdates({ offset: (first?.update_id ?? 0) + 1 });
    assert.deepEqual(
      rest.map(({ message }) => message?.text),
      ['b'],
    );
    assert.equal((await api.getUpdates()).length, 1);
  });

  test('keeps the last updates only when the offset is negative', async () => {
    for (const text of ['a', 'b', 'c']) simulator.sendText(IVAN, text);
    assert.deepEqual(
      (await api.getUpdates({ offset: -1 })).map(({ message }) => message?.text),
      ['c'],
    );
    assert.equal((await api.getUpdates()).length, 1);
  });

  test('waits for the first update', async () => {
    const waiting = api.getUpdates({ timeout: 30 });
    await simulator.until(() => polls() === 1);
    simulator.sendText(IVAN, '/start abc');
    const [update] = await waiting;
    assert.equal(update?.message?.text, '/start abc');
    assert.deepEqual(update?.message?.entities, [{ type: 'bot_command', offset: 0, length: 6 }]);
    assert.equal(update?.message?.from?.id, IVAN);
  });

  test('answers an empty list when the timeout is over', async () => {
    const started = performance.now();
    assert.deepEqual(await api.getUpdates({ timeout: 1 }), []);
    assert.ok(performance.now() - started > 900);
  });

  test('ends the older of two waiting polls with 409', async () => {
    const older = api.getUpdates({ timeout: 30 });
    const refusal = assert.rejects(
      older,
      (error: unknown) =>
        error instanceof GrammyError &&
        error.error_code === 409 &&
        error.description ===
          'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    );
    await simulator.until(() => polls() === 1);
    const newer = api.getUpdates({ timeout: 30 });
    await refusal;
    simulator.sendText(IVAN, 'a');
    assert.equal((await newer).length, 1);
  });

  test('remembers which types of update are wanted', async () => {
    await api.getUpdates({ allowed_updates: ['my_chat_member'] });
    simulator.sendText(IVAN, 'a');
    simulator.block(IVAN);
    const [update, ...more] = await api.getUpdates();
    assert.equal(update?.my_chat_member?.new_chat_member.status, 'kicked');
    assert.equal(update?.my_chat_member?.from.id, IVAN);
    assert.deepEqual(more, []);
  });

  test('does not lose an update when the waiting caller hangs up', async () => {
    const controller = new AbortController();
    const waiting = fetch(`${simulator.apiRoot}/bot${TOKEN}/getUpdates?timeout=30`, { signal: controller.signal });
    await simulator.until(() => polls() === 1);
    controller.abort();
    await assert.rejects(waiting);
    await simulator.until(() => polls() === 0);
    simulator.sendText(IVAN, 'a');
    assert.equal((await api.getUpdates()).length, 1);
  });

  test('serves a whole grammY bot', async () => {
    const bot = new Bot(TOKEN, { client: { apiRoot: simulator.apiRoot } });
    bot.on('callback_query', (context) => context.answerCallbackQuery('Скрыто'));
    const running = bot.start();
    const { message_id } = await api.sendMessage(IVAN, 'x', button);
    const pressed = simulator.pressButton(IVAN, message_id, 'bkn:hide:1');
    const answer = await simulator.until(() => pressed.answer());
    assert.deepEqual(answer, { text: 'Скрыто', show_alert: false, url: '' });
    await bot.stop();
    await running;
  });
});

describe('a pressed button', () => {
  test('reaches the bot with the message it belongs to', async () => {
    const { message_id } = await api.sendMessage(IVAN, 'x', button);
    const { queryId } = simulator.pressButton(IVAN, message_id, 'bkn:hide:1');
    const [update] = await api.getUpdates();
    assert.equal(update?.callback_query?.id, queryId);
    assert.equal(update?.callback_query?.data, 'bkn:hide:1');
    assert.equal(update?.callback_query?.message?.message_id, message_id);
  });

  test('can be answered once', async () => {
    const { message_id } = await api.sendMessage(IVAN, 'x', button);
    const { queryId } = simulator.pressButton(IVAN, message_id, 'bkn:hide:1');
    await api.answerCallbackQuery(queryId, { text: 'ok', show_alert: true });
    const again = /query is too old and response timeout expired or query ID is invalid/;
    await assert.rejects(api.answerCallbackQuery(queryId), again);
    await assert.rejects(api.answerCallbackQuery('77'), again);
  });

  test('must be one that the message shows now', async () => {
    const { message_id } = await api.sendMessage(IVAN, 'x', button);
    const code = (expected: string) => (error: unknown) => error instanceof VirtualUserError && error.code === expected;
    assert.throws(() => simulator.pressButton(IVAN, message_id, 'other'), code('unknown_button'));
    assert.throws(() => simulator.pressButton(IVAN, 999, 'x'), code('unknown_message'));
    assert.throws(() => simulator.pressButton(7, message_id, 'x'), code('unknown_user'));
    simulator.block(IVAN);
    assert.throws(() => simulator.pressButton(IVAN, message_id, 'bkn:hide:1'), code('bot_blocked'));
  });

  test('may be forged', async () => {
    const { message_id } = await api.sendMessage(IVAN, 'x', button);
    simulator.pressButton(IVAN, message_id, 'bkn:hide:2', IVAN, { forged: true });
    const [update] = await api.getUpdates();
    assert.equal(update?.callback_query?.data, 'bkn:hide:2');
  });
});

describe('stopping', () => {
  test('ends waiting polls and hanging requests at once, and may be repeated', async () => {
    simulator.fault(IVAN, { kind: 'hang' });
    const lost = Promise.allSettled([api.getUpdates({ timeout: 30 }), api.sendMessage(IVAN, 'x')]);
    await simulator.until(() => simulator.requests().length === 2);
    const started = performance.now();
    await Promise.all([simulator.stop(), simulator.stop()]);
    assert.ok(performance.now() - started < 5_000);
    const ends = await lost;
    assert.equal(ends[1]?.status, 'rejected');
  });
});
