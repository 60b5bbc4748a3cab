import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Update } from 'grammy/types';
import { pino } from 'pino';
import type { ReceivedUpdate } from '../db/bot-updates.ts';
import { DatabaseError } from '../db/errors.ts';
import { chatOf, createUpdateStore } from './update-store.ts';

const log = pino({ level: 'silent' });
const chat = { id: -5 };
const from = { id: 7 };
const PLACES: [string, object, number][] = [
  ['a message', { message: { chat, from } }, -5],
  ['a button', { callback_query: { message: { chat }, from } }, -5],
  ['a button whose message is gone', { callback_query: { from } }, 7],
  ['a change of membership', { my_chat_member: { chat, from } }, -5],
  ['a kind of tomorrow', { tomorrow: { from } }, 7],
  ['nonsense', { message: 'text', other: null, chat: { id: 'seven' } }, 0],
  ['nothing', {}, 0],
];

for (const [what, content, expected] of PLACES)
  test(`${what} has its order in chat ${expected}`, () => {
    assert.equal(chatOf({ update_id: 1, ...content } as Update), expected);
  });

/** An inbox that refuses one update. */
function inboxRefusing(refused: number, error: Error) {
  const stored: number[] = [];
  const inbox = {
    async store(updates: readonly ReceivedUpdate[]) {
      if (updates.some(({ update_id }) => update_id === refused)) throw error;
      stored.push(...updates.map(({ update_id }) => update_id));
    },
  };
  return { stored, store: createUpdateStore({ inbox, log }) };
}
const UPDATES = [1, 2, 3].map((update_id) => ({ update_id }) as Update);

test('an update that the database refuses takes no other with it', async () => {
  const { stored, store } = inboxRefusing(2, new Error('invalid byte sequence'));
  await store(UPDATES);
  assert.deepEqual(stored, [1, 3]);
});

test('while the database is away nothing counts as stored', async () => {
  const { stored, store } = inboxRefusing(2, new DatabaseError('database_busy', 'busy'));
  await assert.rejects(store(UPDATES), { code: 'database_busy' });
  assert.deepEqual(stored, []);
});
