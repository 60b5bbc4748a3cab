import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#test/support/eventually.ts';
import { createBell } from '../db/bell.ts';
import type { UpdatePlace } from '../db/bot-updates.ts';
import { createChatQueue } from './chat-queue.ts';
import type { Session } from './update-handler.ts';
import { createUpdateReader } from './update-reader.ts';

const FLOODED = 1;
const OTHER = 2;

/** A reader over an inbox that only remembers; `handle` sees an update through. Ended with the test. */
function read(t: TestContext, places: UpdatePlace[], handle: (place: UpdatePlace) => Promise<void>) {
  const open = new Map(places.map((place) => [place.id, place]));
  const handled: UpdatePlace[] = [];
  const bell = createBell();
  const ending = new AbortController();
  t.after(() => ending.abort());
  const reader = createUpdateReader({
    inbox: {
      open: async (afterId, limit, chatId) =>
        [...open.values()]
          .filter(({ id, chat_id }) => id > afterId && (chatId === undefined || chat_id === chatId))
          .toSorted((one, other) => one.id - other.id)
          .slice(0, limit),
    },
    handler: {
      async handle(id) {
        const place = open.get(id);
        if (!place) return;
        handled.push(place);
        await handle(place);
        open.delete(id);
      },
    },
    chatQueue: createChatQueue(),
    bell,
    sweepEveryMs: 500,
  });
  const me = { id: 1, is_bot: true, first_name: 'V' } as Session['me'];
  void reader.run({ ending: ending.signal, cut: new AbortController().signal, isCurrent: () => true, me });
  const of = (chat: number) => handled.flatMap(({ id, chat_id }) => (chat_id === chat ? [id] : []));
  const store = (place: UpdatePlace) => {
    open.set(place.id, place);
    bell.ring();
  };
  return { open, of, bell, store };
}

const flood = (count: number): UpdatePlace[] =>
  Array.from({ length: count }, (_, n) => ({ id: n + 1, chat_id: FLOODED }));

test('a chat that must wait holds up no other, however many of its updates wait', async (t) => {
  const places = [...flood(30_000), { id: 40_000, chat_id: OTHER }];
  const { of } = read(t, places, ({ chat_id }) =>
    chat_id === FLOODED ? new Promise(() => undefined) : Promise.resolve(),
  );
  await eventually(() => assert.deepEqual(of(OTHER), [40_000]), 3000);
  assert.deepEqual(of(FLOODED), [1]);
});

test('a flooded chat is answered in order, to the last', async (t) => {
  const { of, store } = read(t, flood(3000), () => Promise.resolve());
  for (let id = 3001; id <= 3020; id += 1) {
    store({ id, chat_id: FLOODED });
    await sleep(1);
  }
  const expected = Array.from({ length: 3020 }, (_, n) => n + 1);
  await eventually(() => assert.equal(of(FLOODED).length, expected.length), 5000);
  assert.deepEqual(of(FLOODED), expected);
});

test('what was left open is seen again, also while news never ends', async (t) => {
  const left = { id: 1, chat_id: FLOODED };
  const { open, of, store } = read(t, [left], () => Promise.resolve());
  await eventually(() => assert.deepEqual([of(FLOODED), open.size], [[1], 0]));
  open.set(left.id, left);
  let id = 1;
  const news = setInterval(() => store({ id: ++id, chat_id: OTHER }), 20);
  t.after(() => clearInterval(news));
  await eventually(() => assert.deepEqual(of(FLOODED), [1, 1]), 3000);
});
