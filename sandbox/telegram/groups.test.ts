import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Api, GrammyError } from 'grammy';
import { startTelegramSimulator, type TelegramSimulator } from './simulator.ts';
import { VirtualUserError } from './virtual-user.ts';

const TOKEN = '4242:sandbox-token';
const IVAN = 1001;
const OLGA = 1002;
const GROUP = -55;
const SUPERGROUP = -1_000_000_000_077;

let simulator: TelegramSimulator;
let api: Api;

beforeEach(async () => {
  simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  api = new Api(TOKEN, { apiRoot: simulator.apiRoot });
  simulator.registerUser({ id: IVAN, first_name: 'Иван' });
  simulator.registerUser({ id: OLGA, first_name: 'Ольга' });
  simulator.registerGroup({ id: GROUP, title: 'Админы' });
});
afterEach(() => simulator.stop());

const button = { reply_markup: { inline_keyboard: [[{ text: 'Скрыть', callback_data: 'bkn:hide:1' }]] } };
const refusedWith =
  (code: number, description: RegExp, parameters = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof GrammyError);
    assert.equal(error.error_code, code);
    assert.match(error.description, description);
    assert.deepEqual(error.parameters, parameters);
    return true;
  };

describe('a group', () => {
  test('lets the bot hear commands alone, and none for another bot', async () => {
    for (const text of ['Привет', '/link', '/link@vestnik_sandbox_bot', '/link@other_bot', 'см. /link'])
      simulator.sendText(IVAN, text, { chatId: GROUP });
    const updates = await api.getUpdates();
    assert.deepEqual(
      updates.map(({ message }) => message?.text),
      ['/link', '/link@vestnik_sandbox_bot'],
    );
    assert.deepEqual(updates[0]?.message?.chat, { id: GROUP, type: 'group', title: 'Админы' });
    assert.equal(updates[0]?.message?.from?.id, IVAN);
    assert.equal(simulator.messages(GROUP).length, 5);
  });

  test('says who pressed a button', async () => {
    const { message_id } = await api.sendMessage(GROUP, 'x', button);
    simulator.pressButton(OLGA, message_id, 'bkn:hide:1', GROUP);
    const [update] = await api.getUpdates();
    assert.equal(update?.callback_query?.from.id, OLGA);
    assert.equal(update?.callback_query?.message?.chat.id, GROUP);
  });

  test('hides an anonymous admin behind itself', async () => {
    simulator.sendText(IVAN, '/link', { chatId: GROUP, anonymous: true });
    const [update] = await api.getUpdates();
    assert.equal(update?.message?.sender_chat?.id, GROUP);
    assert.equal(update?.message?.from?.username, 'GroupAnonymousBot');
  });

  test('without the bot refuses its messages and tells it nothing', async () => {
    const { message_id } = await api.sendMessage(GROUP, 'x', button);
    simulator.removeBot(OLGA, GROUP);
    simulator.removeBot(OLGA, GROUP);
    await assert.rejects(api.sendMessage(GROUP, 'x'), refusedWith(403, /bot was kicked from the group chat/));
    simulator.sendText(IVAN, '/link', { chatId: GROUP });
    simulator.pressButton(IVAN, message_id, 'bkn:hide:1', GROUP);
    simulator.addBot(OLGA, GROUP);
    const updates = await api.getUpdates();
    assert.deepEqual(
      updates.map(({ my_chat_member }) => my_chat_member?.new_chat_member.status),
      ['kicked', 'member'],
    );
    assert.equal(updates[1]?.my_chat_member?.old_chat_member.status, 'left');
    await api.sendMessage(GROUP, 'x');
  });

  test('tells its new title', async () => {
    simulator.renameGroup(IVAN, GROUP, 'Смена');
    const [update] = await api.getUpdates();
    assert.equal(update?.message?.new_chat_title, 'Смена');
    assert.equal(simulator.chats().find(({ id }) => id === GROUP)?.name, 'Смена');
  });

  test('that becomes a supergroup says so in both chats, and takes nothing under its old id', async () => {
    const { message_id } = await api.sendMessage(GROUP, 'x', button);
    simulator.upgradeGroup(IVAN, GROUP, SUPERGROUP);
    const [old, fresh] = await api.getUpdates();
    assert.equal(old?.message?.chat.id, GROUP);
    assert.equal(old?.message?.migrate_to_chat_id, SUPERGROUP);
    assert.deepEqual(fresh?.message?.chat, { id: SUPERGROUP, type: 'supergroup', title: 'Админы' });
    assert.equal(fresh?.message?.migrate_from_chat_id, GROUP);
    const migrated = refusedWith(400, /upgraded to a supergroup/, { migrate_to_chat_id: SUPERGROUP });
    await assert.rejects(api.sendMessage(GROUP, 'x'), migrated);
    await assert.rejects(api.editMessageText(GROUP, message_id, 'y'), migrated);
    await assert.rejects(api.deleteMessage(GROUP, message_id), migrated);
    await api.sendMessage(SUPERGROUP, 'x');
    await assert.rejects(api.editMessageText(SUPERGROUP, message_id, 'y'), refusedWith(400, /not found/));
  });

  test('must exist, and so must its members', () => {
    const code = (expected: string) => (error: unknown) => error instanceof VirtualUserError && error.code === expected;
    assert.throws(() => simulator.sendText(IVAN, '/link', { chatId: -1 }), code('unknown_chat'));
    assert.throws(() => simulator.sendText(IVAN, '/link', { chatId: OLGA }), code('unknown_chat'));
    assert.throws(() => simulator.sendText(7, '/link', { chatId: GROUP }), code('unknown_user'));
    assert.throws(() => simulator.removeBot(7, GROUP), code('unknown_user'));
    simulator.upgradeGroup(IVAN, GROUP, SUPERGROUP);
    assert.throws(() => simulator.sendText(IVAN, '/link', { chatId: GROUP }), code('unknown_chat'));
  });
});
