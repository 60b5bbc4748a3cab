import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BotUpdate } from '#src/db/bot-entities.ts';
import { startBot } from './support/bot.ts';
import { effects, openUpdates } from './support/bot-handlers.ts';
import { openTestDatabase } from './support/database.ts';
import { eventually } from './support/eventually.ts';
import { startRawBotApi } from './support/raw-bot-api.ts';
import { startTestRedis } from './support/redis.ts';

const from = { id: 7, is_bot: false, first_name: 'Ivan' };
const chat = { id: 7, type: 'private', first_name: 'Ivan' };
const message = (text: string) => ({ message_id: 1, date: 1, chat, from, text });
const textUpdate = (update_id: number, text: string) => ({ update_id, message: message(text) });

test('updates that come twice, out of order or over again are acted on once each, in the order of their ids', async (t) => {
  const [database, redis] = [await openTestDatabase(t), await startTestRedis(t)];
  const api = await startRawBotApi(t, [
    [textUpdate(12, 'b'), textUpdate(11, 'a'), textUpdate(12, 'b')],
    [textUpdate(11, 'a'), textUpdate(13, 'c')],
    [textUpdate(14, 'd'), textUpdate(12, 'b')],
  ]);
  startBot(t, { database, redis }, { apiRoot: api.apiRoot });
  await eventually(() => assert.equal(api.sent.length, 4));
  await eventually(async () => assert.equal(await openUpdates(database), 0));
  assert.deepEqual(await effects(database, 7), ['a', 'b', 'c', 'd']);
  await eventually(() => assert.deepEqual(api.offsets, [0, 13, 14, 15]));
});

test('an update that comes late, below one that is done, is handled too', async (t) => {
  const [database, redis] = [await openTestDatabase(t), await startTestRedis(t)];
  const api = await startRawBotApi(t, [[textUpdate(12, 'b')], [textUpdate(11, 'a')], [textUpdate(13, 'c')]]);
  startBot(t, { database, redis }, { apiRoot: api.apiRoot });
  await eventually(() => assert.equal(api.sent.length, 3));
  await eventually(async () => assert.equal(await openUpdates(database), 0));
  assert.deepEqual((await effects(database, 7)).toSorted(), ['a', 'b', 'c']);
  await eventually(() => assert.equal(api.offsets.length, 4));
});

const HOSTILE: unknown[] = [
  { update_id: 20 },
  { update_id: 21, message: null },
  { update_id: 22, message: { message_id: 1, text: 'no chat' } },
  { update_id: 23, message: { ...message('odd chat'), chat: { id: 'seven' } } },
  { update_id: 24, something_new: { chat: { id: 7 }, deep: { deeper: [] } } },
  { update_id: 25, callback_query: { id: '1', from, data: 'press', chat_instance: '1' } },
  { update_id: 26, callback_query: { from, data: 'bkn:edit:1' } },
  { update_id: 27, message: message(`huge ${'я'.repeat(500_000)}`) },
  { update_id: 28, message: message('zero \u0000 and half a pair \ud83d') },
  { update_id: 29, my_chat_member: { chat, from } },
  { update_id: 30, message: { ...message('x'), text: { not: 'a text' }, entities: 'no list' } },
  { update_id: Number.MAX_SAFE_INTEGER, message: message('the last id') },
  { update_id: 'no number', message: message('without an id') },
];

test('updates that make no sense are done with, and those behind them are answered', async (t) => {
  const [database, redis] = [await openTestDatabase(t), await startTestRedis(t)];
  const api = await startRawBotApi(t, [HOSTILE, [textUpdate(40, 'after')]]);
  startBot(t, { database, redis }, { apiRoot: api.apiRoot });
  await eventually(() => assert.equal(api.sent.at(-1)?.text, 'heard <b>after</b>'), 20_000);
  await eventually(async () => assert.equal(await openUpdates(database), 0), 20_000);
  assert.equal(await database.read().count(BotUpdate, {}), HOSTILE.length);
});
