import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api } from 'grammy';
import { startTelegramSimulator, type TelegramSimulator } from './simulator.ts';

const TOKEN = '4242:sandbox-token';
const IVAN = 1001;
const HOUR_MS = 3_600_000;

let simulator: TelegramSimulator;
let api: Api;
let clockOffset = 0;

before(async () => {
  simulator = await startTelegramSimulator({
    token: TOKEN,
    rate: 'unlimited',
    wallClock: () => Date.now() + clockOffset,
  });
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

describe('what sendMessage refuses', () => {
  const keyboard = (button: unknown): object => ({ inline_keyboard: [[button]] });
  const cases: [string, object, number, string][] = [
    ['no text', {}, 400, 'Bad Request: message text is empty'],
    ['white space only', { text: ' \n ' }, 400, 'Bad Request: text must be non-empty'],
    ['an empty element', { text: '<b></b>', parse_mode: 'HTML' }, 400, 'Bad Request: text must be non-empty'],
    [
      'a tag that Telegram does not know',
      { text: '<p>x</p>', parse_mode: 'HTML' },
      400,
      'Bad Request: can\'t parse entities: Unsupported start tag "p" at byte offset 0',
    ],
    ['a text of 4,097 units', { text: 'x'.repeat(4097) }, 400, 'Bad Request: message is too long'],
    ['2,049 emoji', { text: '😀'.repeat(2049) }, 400, 'Bad Request: message is too long'],
    ['an unknown parse mode', { text: 'x', parse_mode: 'BBCode' }, 400, 'Bad Request: unsupported parse_mode'],
    ['an unknown chat', { text: 'x', chat_id: 9 }, 400, 'Bad Request: chat not found'],
    ['no chat', { text: 'x', chat_id: '' }, 400, 'Bad Request: chat_id is empty'],
    [
      '65 bytes of callback data',
      { text: 'x', reply_markup: keyboard({ text: 'x', callback_data: `${'ж'.repeat(32)}x` }) },
      400,
      'Bad Request: BUTTON_DATA_INVALID',
    ],
    [
      'a button without an action',
      { text: 'x', reply_markup: keyboard({ text: 'x', callback_data: '' }) },
      400,
      "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ],
    [
      'a button without text',
      { text: 'x', reply_markup: keyboard({ callback_data: 'x' }) },
      400,
      'Bad Request: can\'t parse inline keyboard button: Can\'t find field "text"',
    ],
    [
      'a button with empty text',
      { text: 'x', reply_markup: keyboard({ text: ' ', callback_data: 'x' }) },
      400,
      'Bad Request: inline keyboard button text must be non-empty',
    ],
    [
      'a button with a bad link',
      { text: 'x', reply_markup: keyboard({ text: 'x', url: 'localhost' }) },
      400,
      "Bad Request: inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL",
    ],
    [
      'a keyboard that is no array of arrays',
      { text: 'x', reply_markup: { inline_keyboard: [{ text: 'x', callback_data: 'x' }] } },
      400,
      'Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ],
    [
      'a keyboard that is no JSON',
      { text: 'x', reply_markup: '{' },
      400,
      "Bad Request: can't parse reply keyboard markup JSON object",
    ],
    [
      'a keyboard that is no object',
      { text: 'x', reply_markup: [1] },
      400,
      'Bad Request: object expected as reply markup',
    ],
    [
      'more than 100 buttons',
      {
        text: 'x',
        reply_markup: { inline_keyboard: Array.from({ length: 101 }, () => [{ text: 'x', callback_data: 'x' }]) },
      },
      400,
      'Bad Request: reply markup is too long',
    ],
  ];
  for (const [what, parameters, status, description] of cases)
    test(what, () => refused('sendMessage', { chat_id: IVAN, ...parameters }, status, description));

  test('but takes 4,096 units after parsing and 64 bytes of callback data', async () => {
    const reply_markup = keyboard({ text: 'x', callback_data: 'ж'.repeat(32) });
    const text = `<b>${'&amp;'.repeat(4096)}</b>`;
    const response = await call('sendMessage', { chat_id: IVAN, text, parse_mode: 'HTML', reply_markup });
    assert.equal(response.status, 200);
  });

  test('a chat that has blocked the bot, until it is unblocked', async () => {
    simulator.block(IVAN);
    await refused('sendMessage', { chat_id: IVAN, text: 'x' }, 403, 'Forbidden: bot was blocked by the user');
    simulator.unblock(IVAN);
    assert.equal((await call('sendMessage', { chat_id: IVAN, text: 'x' })).status, 200);
  });

  test('a deactivated user', async () => {
    simulator.registerUser({ id: 1002, first_name: 'Gone' });
    simulator.deactivate(1002);
    await refused('sendMessage', { chat_id: 1002, text: 'x' }, 403, 'Forbidden: user is deactivated');
  });
});

describe('what edits and deletes refuse', () => {
  const keyboard = { inline_keyboard: [[{ text: 'x', callback_data: 'x' }]] };
  const unchanged =
    'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a ' +
    'current content and reply markup of the message';

  test('an edit that changes nothing', async () => {
    const { message_id } = await api.sendMessage(IVAN, '<b>x</b>', { parse_mode: 'HTML', reply_markup: keyboard });
    const same = { chat_id: IVAN, message_id, text: '<strong>x</strong>', parse_mode: 'HTML', reply_markup: keyboard };
    await refused('editMessageText', same, 400, unchanged);
    await refused('editMessageReplyMarkup', { chat_id: IVAN, message_id, reply_markup: keyboard }, 400, unchanged);
    await api.editMessageText(IVAN, message_id, 'x', { reply_markup: keyboard });
  });

  test('a message that is unknown, deleted, or not the bot’s own', async () => {
    await refused(
      'editMessageText',
      { chat_id: IVAN, message_id: 1e6, text: 'x' },
      400,
      'Bad Request: message to edit not found',
    );
    await refused('deleteMessage', { chat_id: IVAN, message_id: 1e6 }, 400, 'Bad Request: message to delete not found');
    const { message_id } = await api.sendMessage(IVAN, 'x');
    await api.deleteMessage(IVAN, message_id);
    await refused(
      'editMessageText',
      { chat_id: IVAN, message_id, text: 'y' },
      400,
      'Bad Request: message to edit not found',
    );
    await refused('deleteMessage', { chat_id: IVAN, message_id }, 400, 'Bad Request: message to delete not found');
    const theirs = simulator.sendText(IVAN, 'mine');
    await refused(
      'editMessageText',
      { chat_id: IVAN, message_id: theirs.message_id, text: 'y' },
      400,
      "Bad Request: message can't be edited",
    );
  });

  test('a keyboard that is not inline', async () => {
    const { message_id } = await api.sendMessage(IVAN, 'x');
    const reply_markup = { keyboard: [[{ text: 'x' }]] };
    await refused(
      'editMessageText',
      { chat_id: IVAN, message_id, text: 'y', reply_markup },
      400,
      'Bad Request: inline keyboard expected',
    );
  });

  test('deleting after 48 hours', async (t) => {
    t.after(() => {
      clockOffset = 0;
    });
    const { message_id } = await api.sendMessage(IVAN, 'x');
    clockOffset = 48 * HOUR_MS + 1_000;
    await refused(
      'deleteMessage',
      { chat_id: IVAN, message_id },
      400,
      "Bad Request: message can't be deleted for everyone",
    );
    clockOffset = 47 * HOUR_MS;
    assert.equal((await call('deleteMessage', { chat_id: IVAN, message_id })).status, 200);
  });
});
