import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#streams/clock.ts';
import { type CardBot, CLIENT, MESSAGE, openCardBot } from '#test/support/card-bot.ts';
import { eventually } from '#test/support/eventually.ts';
import { createBell } from '../db/bell.ts';
import { Card } from '../db/bot-entities.ts';
import { saveCard } from '../db/cards.ts';
import { User } from '../db/entities.ts';
import { createLog } from '../observability/log.ts';
import type { BotResponse } from './bot-response.ts';
import { createChatQueue } from './chat-queue.ts';
import { livingCards } from './living-cards.ts';

const HOUR_MS = 3_600_000;
const SYSTEM = { user_id: null, role: 'system', channel: 'api' } as const;

type Edit = Extract<BotResponse, { kind: 'edit' }>;

/** The living cards beside a Telegram that only remembers; ended with the test. */
function live(t: TestContext, { database, bot }: CardBot, perform?: (edit: Edit) => Promise<boolean>) {
  const edits: Edit[] = [];
  const bell = createBell();
  const ending = new AbortController();
  const work = livingCards({ database, bell, clock: () => bot.now, log: createLog('silent') });
  const responder = {
    async perform(response: BotResponse): Promise<boolean> {
      if (response.kind !== 'edit') throw new Error(`a card was ${response.kind}`);
      edits.push(response);
      return perform ? await perform(response) : true;
    },
  };
  const held = { ending: ending.signal, cut: new AbortController().signal, isCurrent: () => true };
  const running = work(held, { chatQueue: createChatQueue(), responder });
  const stop = async () => {
    ending.abort();
    await running;
  };
  t.after(stop);
  return { edits, bell, stop };
}

const move = ({ bookings, bookingId }: CardBot, starts_at: string) =>
  bookings.commit((tx) => {
    const change = { starts_at: new Date(starts_at), allow_overlap: false, notify: false };
    return bookings.reschedule(tx, bookingId, change, SYSTEM);
  });

const staleCount = ({ database }: CardBot) => database.read().count(Card, { stale: true });

test('a change made while its message is being edited is shown too', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  await move(bot, '2026-11-25T11:00:00Z');
  let first = true;
  const { edits } = live(t, bot, async () => {
    if (first) await move(bot, '2026-11-26T11:00:00Z');
    first = false;
    return true;
  });
  await eventually(async () => assert.deepEqual([edits.length, await staleCount(bot)], [2, 0]));
  assert.match(edits[0]?.html ?? '', /25\.11\.2026/);
  assert.match(edits[1]?.html ?? '', /26\.11\.2026/);
  assert.equal((await bot.card(CLIENT))?.version, 3);
});

/** `count` cards like the client's, each in the chat that `chatOf` gives its number. */
async function giveCards(bot: CardBot, count: number, chatOf: (number: number) => number, sent_at = bot.bot.now) {
  const { told, ...card } = (await bot.card(CLIENT)) ?? assert.fail();
  const users = new Map<number, number>();
  await bot.database.write(async (tx) => {
    for (let number = 0; number < count; number += 1) {
      const tg_id = chatOf(number);
      const user_id =
        users.get(tg_id) ??
        (await tx.insert(User, {
          ...{ company_id: card.company_id, role: 'client', name: 'Другой', tg_id, locale: 'ru' },
          ...{ ads_opt_out: false, created_at: bot.bot.now },
        }));
      users.set(tg_id, user_id);
      const row = { ...card, event: JSON.stringify(told), view: '{"kind":"notification"}', message_id: 100 + number };
      await saveCard(tx, { ...row, chat_id: tg_id, user_id, sent_at });
    }
  });
}

/** Edits of these chats last until the end of the test. */
function hanging(t: TestContext, isHung: (chatId: number) => boolean) {
  const over = new AbortController();
  t.after(() => over.abort());
  return async ({ chat_id }: Edit): Promise<boolean> => {
    if (!isHung(chat_id)) return true;
    await systemClock.sleep(HOUR_MS, over.signal);
    return false;
  };
}

test('many messages are edited at a pace, one of a chat at a time', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  await giveCards(bot, 12, (number) => 5000 + (number % 6));
  await move(bot, '2026-11-25T11:00:00Z');
  const underWay = new Set<number>();
  const begun = performance.now();
  const { edits } = live(t, bot, async ({ chat_id }) => {
    assert.equal(underWay.has(chat_id), false);
    underWay.add(chat_id);
    await sleep(5);
    underWay.delete(chat_id);
    return true;
  });
  await eventually(async () => assert.equal(await staleCount(bot), 0));
  assert.equal(edits.length, 13);
  assert.equal(performance.now() - begun > 500, true, '13 edits take three turns at least');
});

test('chats that Telegram makes wait hold up no other', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  await giveCards(bot, 7, (number) => 5000 + number);
  await bot.deliver(bot.admin, 'admin');
  await move(bot, '2026-11-25T11:00:00Z');
  const { edits } = live(
    t,
    bot,
    hanging(t, (chatId) => chatId >= 5000),
  );
  await eventually(() => assert.equal(edits.filter(({ chat_id }) => chat_id === bot.admin.tg_id).length, 1));
});

test('however many messages a chat that must wait has, the others are edited', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  await giveCards(bot, 700, () => 5000);
  await bot.deliver(bot.admin, 'admin');
  await move(bot, '2026-11-25T11:00:00Z');
  const { edits } = live(
    t,
    bot,
    hanging(t, (chatId) => chatId === 5000),
  );
  await eventually(() => assert.equal(edits.filter(({ chat_id }) => chat_id === bot.admin.tg_id).length, 1));
});

test('old messages in a chat that must wait do not keep the others their buttons', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  const old = (hours: number) => new Date(bot.bot.now.getTime() - hours * HOUR_MS);
  await giveCards(bot, 150, () => 5000, old(40));
  await giveCards(bot, 120, (number) => 6000 + number, old(39));
  bot.bot.now = new Date(bot.bot.now.getTime() + 12 * HOUR_MS);
  live(
    t,
    bot,
    hanging(t, (chatId) => chatId === 5000),
  );
  const left = () => bot.database.read().count(Card, { chat_id: { $gte: 6000 } });
  await eventually(async () => assert.equal(await left(), 0), 15_000);
});

test('what cannot be drawn is forgotten and holds nothing up', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  await bot.deliver(bot.admin, 'admin');
  await bot.database.write((tx) => tx.nativeUpdate(Card, { chat_id: CLIENT }, { event: '{}' }));
  await move(bot, '2026-11-25T11:00:00Z');
  const { edits } = live(t, bot);
  await eventually(async () => assert.equal(await staleCount(bot), 0));
  assert.equal(await bot.card(CLIENT), null);
  assert.deepEqual(
    edits.map(({ chat_id }) => chat_id),
    [bot.admin.tg_id],
  );
});

test('a message in a chat that is not its user’s any more, or of somebody who is no admin any more, is left as it is', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  await bot.deliver(bot.admin, 'admin');
  await bot.database.write(async (tx) => {
    await tx.nativeUpdate(User, { id: bot.client.id }, { tg_id: 4000 });
    await tx.nativeUpdate(User, { id: bot.admin.id }, { role: 'client' });
  });
  await move(bot, '2026-11-25T11:00:00Z');
  const { edits } = live(t, bot);
  await eventually(async () => assert.equal(await bot.database.read().count(Card), 0));
  assert.deepEqual(edits, []);
});

test('a message of 48 hours loses its buttons and is forgotten; a younger one, and one that has none, are not edited', async (t) => {
  const bot = await openCardBot(t);
  const sent = await bot.deliver(bot.client, 'client');
  await bot.deliver(bot.specialist, 'specialist');
  const started = bot.bot.now.getTime();
  const card = (chat_id: number, sent_at: Date) =>
    bot.database.write((tx) => tx.nativeUpdate(Card, { chat_id }, { sent_at }));
  bot.bot.now = new Date(started + 12 * HOUR_MS);
  await card(CLIENT, new Date(started - 37 * HOUR_MS));
  await card(bot.specialist.tg_id ?? 0, new Date(started - 35 * HOUR_MS));
  const { edits, stop } = live(t, bot);
  await eventually(async () => assert.equal(await bot.card(CLIENT), null));
  await stop();
  assert.deepEqual(edits, [{ kind: 'edit', chat_id: CLIENT, message_id: MESSAGE, html: sent.html, keyboard: [] }]);
  assert.notEqual(await bot.card(bot.specialist.tg_id ?? 0), null);

  bot.bot.now = new Date(started + 90 * HOUR_MS);
  const later = live(t, bot);
  await eventually(async () => assert.equal(await bot.database.read().count(Card), 0));
  assert.deepEqual(later.edits, []);
});

test('an edit that the end of the holding cut off is done by the next holder', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  await move(bot, '2026-11-25T11:00:00Z');
  const first = live(t, bot, async () => false);
  await eventually(() => assert.equal(first.edits.length > 0, true));
  await first.stop();
  assert.equal(await staleCount(bot), 1);
  const { edits } = live(t, bot);
  await eventually(async () => assert.deepEqual([edits.length, await staleCount(bot)], [1, 0]));
});

test('the bell is heard at once', async (t) => {
  const bot = await openCardBot(t);
  await bot.deliver(bot.client, 'client');
  const { edits, bell } = live(t, bot);
  await sleep(150);
  await move(bot, '2026-11-25T11:00:00Z');
  bell.ring();
  const rung = performance.now();
  await eventually(() => assert.equal(edits.length, 1));
  assert.equal(performance.now() - rung < 700, true);
});
