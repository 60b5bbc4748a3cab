import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api, GrammyError } from 'grammy';
import { startTelegramSimulator, type TelegramSimulator } from './simulator.ts';

const TOKEN = '4242:sandbox-token';
const IVAN = 1001;

let simulator: TelegramSimulator;
let api: Api;

before(async () => {
  simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  api = new Api(TOKEN, { apiRoot: simulator.apiRoot });
  simulator.registerUser({ id: IVAN, first_name: 'Иван', last_name: 'Петров', language_code: 'ru' });
});
after(() => simulator.stop());

const call = (method: string, parameters: object = {}, token = TOKEN): Promise<Response> =>
  fetch(`${simulator.apiRoot}/bot${token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
  });

/** Calls and expects a refusal with this description; its code must be the HTTP status too. */
async function refused(method: string, parameters: object, status: number, description: string): Promise<void> {
  const response = await call(method, parameters);
  assert.deepEqual(await response.json(), { ok: false, error_code: status, description });
  assert.equal(response.status, status);
}

describe('the Bot API, called by grammY', () => {
  test('tells the bot who it is', async () => {
    const me = await api.getMe();
    assert.equal(me.id, 4242);
    assert.equal(me.is_bot, true);
  });

  test('sends a formatted message with buttons and shows it in the chat', async () => {
    const sent = await api.sendMessage(IVAN, '📅 <b>Новая запись</b> #1\n', {
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: [[{ text: '🙈 Скрыть', callback_data: 'bkn:hide:1' }]] },
    });
    assert.equal(sent.text, '📅 Новая запись #1');
    assert.deepEqual(sent.entities, [{ type: 'bold', offset: 3, length: 12 }]);
    assert.deepEqual(sent.chat, { id: IVAN, type: 'private', first_name: 'Иван', last_name: 'Петров' });
    assert.equal(sent.from?.id, 4242);
    const shown = simulator.messages(IVAN).at(-1);
    assert.equal(shown?.message_id, sent.message_id);
    assert.equal(shown?.outgoing, true);
    assert.equal(shown?.reply_markup?.inline_keyboard[0]?.[0]?.callback_data, 'bkn:hide:1');
  });

  test('edits the text, then takes the keyboard away, then deletes', async () => {
    const keyboard = { inline_keyboard: [[{ text: 'x', callback_data: 'x' }]] };
    const { message_id } = await api.sendMessage(IVAN, 'one', { reply_markup: keyboard });
    const edited = await api.editMessageText(IVAN, message_id, '<i>two</i>', {
      parse_mode: 'HTML',
      reply_markup: keyboard,
    });
    assert.ok(edited !== true && edited.edit_date);
    await api.editMessageReplyMarkup(IVAN, message_id);
    const shown = simulator.messages(IVAN).at(-1);
    assert.equal(shown?.text, 'two');
    assert.equal(shown?.reply_markup, undefined);
    assert.equal(await api.deleteMessage(IVAN, message_id), true);
    assert.equal(simulator.messages(IVAN).at(-1)?.deleted, true);
  });

  test('raises a refusal as a GrammyError with its code and description', async () => {
    await assert.rejects(
      api.sendMessage(IVAN, '<b>x', { parse_mode: 'HTML' }),
      (error: unknown) =>
        error instanceof GrammyError &&
        error.error_code === 400 &&
        error.description === 'Bad Request: can\'t parse entities: Can\'t find end tag corresponding to start tag "b"',
    );
  });

  test('keeps the commands of the bot', async () => {
    await api.setMyCommands([{ command: 'start', description: 'Начать' }]);
    assert.deepEqual(simulator.commands(), [{ command: 'start', description: 'Начать' }]);
    assert.deepEqual(await api.getMyCommands(), simulator.commands());
    const english = [{ command: 'start', description: 'Begin' }];
    await api.setMyCommands(english, { scope: { type: 'all_private_chats' }, language_code: 'en' });
    assert.deepEqual(simulator.commands({ scope: { type: 'all_private_chats' }, language_code: 'en' }), english);
    assert.deepEqual(simulator.commands({ scope: { type: 'all_private_chats' } }), []);
    assert.equal(simulator.commands().length, 2);
    await assert.rejects(api.setMyCommands([{ command: 'Bad name', description: 'x' }]), /BOT_COMMAND_INVALID/);
  });

  test('describes a chat, and has no webhook', async () => {
    assert.equal((await api.getChat(IVAN)).first_name, 'Иван');
    assert.equal((await api.getWebhookInfo()).url, '');
    assert.equal(await api.deleteWebhook(), true);
  });
});

describe('the Bot API over plain HTTP', () => {
  test('takes parameters from the query, from a form and from JSON, and any case of a method', async () => {
    const form = await fetch(`${simulator.apiRoot}/bot${TOKEN}/SENDMESSAGE`, {
      method: 'POST',
      body: new URLSearchParams({ chat_id: String(IVAN), text: 'form' }),
    });
    assert.equal(form.status, 200);
    const query = await fetch(`${simulator.apiRoot}/bot${TOKEN}/sendMessage?chat_id=${IVAN}&text=%D0%B6`);
    assert.equal(query.status, 200);
    assert.equal((await call('sendmessage', { chat_id: String(IVAN), text: 'json' })).status, 200);
    const texts = simulator.messages(IVAN).map(({ text }) => text);
    assert.deepEqual(texts.slice(-3), ['form', 'ж', 'json']);
  });

  test('takes a keyboard that is JSON within a string', async () => {
    const reply_markup = JSON.stringify({ inline_keyboard: [[{ text: 'a', url: 'example.com' }]] });
    const response = await call('sendMessage', { chat_id: IVAN, text: 'x', reply_markup });
    const { result } = (await response.json()) as { result: { reply_markup: unknown } };
    assert.deepEqual(result.reply_markup, { inline_keyboard: [[{ text: 'a', url: 'http://example.com/' }]] });
  });

  test('answers 401 to a wrong token and 404 to an unknown method or path', async () => {
    const wrong = await call('getMe', {}, '4242:other');
    assert.deepEqual(await wrong.json(), { ok: false, error_code: 401, description: 'Unauthorized' });
    const malformed = await call('getMe', {}, 'nonsense');
    assert.match(await malformed.text(), /Unauthorized: invalid token specified/);
    await refused('sendPigeon', {}, 404, 'Not Found: method not found');
    assert.equal((await fetch(`${simulator.apiRoot}/botany`)).status, 404);
  });

  test('refuses a body that is no JSON object', async () => {
    for (const body of ['{', '[]', '"x"']) {
      const response = await fetch(`${simulator.apiRoot}/bot${TOKEN}/getMe`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      assert.equal(response.status, 400, body);
    }
  });
});

describe('the record of requests', () => {
  test('has the method, the parameters, the time and the outcome of each', async () => {
    simulator.clearRequests();
    const { message_id } = await api.sendMessage(IVAN, 'x');
    await call('sendMessage', { chat_id: 9, text: 'x' });
    const [first, second] = simulator.requests();
    assert.equal(first?.method, 'sendmessage');
    assert.equal(first?.parameters.text, 'x');
    assert.deepEqual(first?.outcome, { status: 200, accepted: true, message_id });
    assert.deepEqual(second?.outcome, {
      status: 400,
      accepted: false,
      description: 'Bad Request: chat not found',
    });
    assert.ok((first?.at ?? 0) < (second?.at ?? 0));
  });

  test('keeps the newest ones only, up to its bound', async (t) => {
    const small = await startTelegramSimulator({ token: TOKEN, keepRequests: 2 });
    t.after(() => small.stop());
    for (const name of ['a', 'b', 'c']) await fetch(`${small.apiRoot}/bot${TOKEN}/${name}`);
    assert.deepEqual(
      small.requests().map(({ method }) => method),
      ['b', 'c'],
    );
  });
});

describe('the chats', () => {
  test('may be groups', async () => {
    simulator.registerGroup({ id: -55, title: 'Весна' });
    const { chat } = await api.sendMessage(-55, 'x');
    assert.deepEqual(chat, { id: -55, type: 'group', title: 'Весна' });
  });

  test('keep the newest messages only, and number them from where they were told', async (t) => {
    const small = await startTelegramSimulator({ token: TOKEN, keepMessages: 2, firstId: 500 });
    t.after(() => small.stop());
    small.registerUser({ id: IVAN, first_name: 'Иван' });
    for (const text of ['a', 'b', 'c']) small.sendText(IVAN, text);
    assert.deepEqual(
      small.messages(IVAN).map(({ message_id, text }) => [message_id, text]),
      [
        [501, 'b'],
        [502, 'c'],
      ],
    );
  });
});
