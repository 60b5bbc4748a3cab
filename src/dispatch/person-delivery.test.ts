import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { Fault } from '#sandbox/telegram/faults.ts';
import { startTelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { openTestDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { UNLIMITED_SENDS } from '#test/support/send-budget.ts';
import type { SendLane } from '../channels/send-budget/send-budget.ts';
import { createTelegramChannel } from '../channels/telegram.ts';
import { createTelegramApi } from '../channels/telegram-api.ts';
import type { WebPushSendResult } from '../channels/web-push/classify-push-answers.ts';
import { PushSubscription } from '../db/entities.ts';
import { createPersonDelivery } from './person-delivery.ts';
import { readyMessage } from './ready-message.fixture.ts';
import type { ReadyMessage } from './ready-message.ts';

const TOKEN = '4242:sandbox-token';
const CHAT = 42;
const HOUR_MS = 60 * 60_000;
const AD = { whenUnknown: 'give_up', onLongWait: 'return' } as const;

/** A lane in which everything may leave at once, and what was asked of it. */
function countedLane(changes: Partial<SendLane> = {}) {
  const turns: number[] = [];
  const refusals: [number, number][] = [];
  const lane: SendLane = {
    ...UNLIMITED_SENDS,
    turn(chatId, signal) {
      turns.push(chatId);
      return UNLIMITED_SENDS.turn(chatId, signal);
    },
    async refused(chatId, retryAfterMs) {
      refusals.push([chatId, retryAfterMs]);
    },
    ...changes,
  };
  return { lane, turns, refusals };
}

/** Anna in CHAT, who has a browser too, and a message to her. */
async function setUp(t: TestContext, options: { sends?: Partial<SendLane>; push?: WebPushSendResult } = {}) {
  const simulator = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  t.after(() => simulator.stop());
  simulator.registerUser({ id: CHAT, first_name: 'Анна' });
  const database = await openTestDatabase(t);
  const { company_id, specialist_id: user_id } = await database.write(async (tx) => {
    const ids = await insertCompany(tx);
    const device = { company_id: ids.company_id, user_id: ids.specialist_id, endpoint: 'https://push.example/1' };
    const created_at = new Date();
    await tx.insert(PushSubscription, { ...device, p256dh: 'p', auth: 'a', vapid_key: 'v', created_at });
    return ids;
  });
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'error' }, { write: (line) => lines.push(JSON.parse(line)) });
  const { lane, ...asked } = countedLane(options.sends);
  const paid = countedLane();
  const delivery = createPersonDelivery({
    database,
    telegram: createTelegramChannel({
      telegram: createTelegramApi({ token: TOKEN, apiRoot: simulator.apiRoot }),
      log,
    }),
    sends: lane,
    paidSends: paid.lane,
    webPush: { send: async () => options.push ?? { kind: 'accepted' } },
    clock: () => new Date(),
    log,
  });
  const message = (changes: Partial<ReadyMessage> = {}) =>
    readyMessage({ person: { user_id, role: 'specialist' }, company_id, tg_id: CHAT, ...changes });
  return {
    ...{ simulator, lines, asked, paidTurns: paid.turns },
    fault: (fault: Fault, times = 1) => simulator.fault(CHAT, fault, { times }),
    sent: () => simulator.requests().filter(({ method }) => method === 'sendmessage'),
    deliver: (changes: Partial<ReadyMessage> = {}, read = async () => message(changes), begin = async () => true) =>
      delivery.deliver(read, {
        ...{ number: 1, signal: new AbortController().signal },
        ...{ isCurrent: () => true, begin, leave: () => undefined },
      }),
    message,
  };
}

/** How it ended, in short. */
async function fateOf(delivering: ReturnType<Awaited<ReturnType<typeof setUp>>['deliver']>): Promise<unknown[]> {
  const outcome = await delivering;
  switch (outcome.kind) {
    case 'done':
      return [outcome.receipt.status, outcome.receipt.channel, outcome.receipt.reason];
    case 'deferred':
      return [outcome.kind, outcome.failure.code, outcome.delayMs];
    case 'failed':
      return [outcome.kind, outcome.failure.channel, outcome.failure.code];
    default:
      return outcome satisfies never;
  }
}

test('HTML that Telegram refuses goes once more as plain text, in a turn of its own, and is reported once', async (t) => {
  const { simulator, fault, asked, lines, deliver } = await setUp(t);
  const html = '<b>Скидка</b> 20 &amp; 30 %';
  const keyboard = [[{ text: 'Отписаться', callback_data: 'stop' }]];
  for (let event = 0; event < 2; event += 1) {
    fault({ kind: 'cant_parse_entities' });
    const outcome = await deliver({ toTelegram: () => ({ message: { html, keyboard }, card_version: 3 }) });
    assert.equal(outcome.kind === 'done' && outcome.receipt.card_version, 3);
  }
  const [shown] = simulator.messages(CHAT);
  assert.deepEqual([shown?.text, shown?.entities], ['Скидка 20 & 30 %', undefined]);
  assert.deepEqual(shown?.reply_markup, { inline_keyboard: keyboard });
  assert.deepEqual(asked.turns, [CHAT, CHAT, CHAT, CHAT]);
  assert.equal(lines.length, 1);
  assert.doesNotMatch(JSON.stringify(lines), /Скидка/);
});

test('plain text says what holds by then', async (t) => {
  const { simulator, fault, deliver, message } = await setUp(t);
  fault({ kind: 'cant_parse_entities' });
  let reads = 0;
  await deliver({}, async () => {
    const html = `<i>${++reads}</i>`;
    return message({ toTelegram: () => ({ message: { html, keyboard: [] }, card_version: null }) });
  });
  assert.equal(simulator.messages(CHAT)[0]?.text, '2');
});

test('plain text that is refused too is a failed attempt', async (t) => {
  const { fault, sent, deliver } = await setUp(t);
  fault({ kind: 'cant_parse_entities' }, 2);
  assert.deepEqual(await fateOf(deliver()), ['failed', 'telegram', 'telegram_400']);
  assert.equal(sent().length, 2);
});

test('plain text that the chat must wait for is plain text in the next attempt, too', async (t) => {
  const turns: Awaited<ReturnType<SendLane['turn']>>[] = [];
  const now = await UNLIMITED_SENDS.turn(CHAT, new AbortController().signal);
  const { simulator, fault, sent, deliver } = await setUp(t, { sends: { turn: async () => turns.shift() ?? now } });
  turns.push(now, { kind: 'chat_held', forMs: 900 });
  fault({ kind: 'cant_parse_entities' });
  assert.deepEqual(await fateOf(deliver(AD)), ['deferred', 'chat_held', 900]);
  assert.equal((await deliver(AD)).kind, 'done');
  assert.equal(sent().length, 2);
  assert.equal(simulator.messages(CHAT)[0]?.entities, undefined);
});

test('an ad whose fate is unknown is given up, and a booking is tried again', async (t) => {
  const { fault, sent, deliver } = await setUp(t);
  fault({ kind: 'reset_after' }, 2);
  assert.deepEqual(await fateOf(deliver()), ['failed', 'telegram', 'telegram_no_answer']);
  const fate = await fateOf(deliver(AD));
  assert.deepEqual(fate, ['dead', 'telegram', 'outcome_unknown: telegram_no_answer: ECONNRESET']);
  assert.equal(sent().length, 2);
});

test('an ad that is certain not to have been sent may be tried again', async (t) => {
  const { fault, deliver } = await setUp(t);
  fault({ kind: 'server_error' });
  assert.deepEqual(await fateOf(deliver(AD)), ['failed', 'telegram', 'telegram_500']);
});

test('a 429 holds the chat at the gate, and is waited for', async (t) => {
  const { fault, asked, deliver } = await setUp(t);
  fault({ kind: 'too_many_requests', retryAfter: 7 });
  assert.deepEqual(await fateOf(deliver()), ['deferred', 'telegram_429', 7000]);
  assert.deepEqual(asked.refusals, [[CHAT, 7000]]);
});

const WAITS: [number, unknown[]][] = [
  // Telegram may say so again and again.
  [4, ['returned', null, 'telegram_429']],
  [5, ['returned', null, 'telegram_429']],
  [3600, ['returned', null, 'telegram_429']],
  [3601, ['dead', 'telegram', 'telegram_429: Too Many Requests: retry after 3601']],
];
for (const [seconds, fate] of WAITS)
  test(`an ad that must wait ${seconds} s ends as ${fate[0]}`, async (t) => {
    const { fault, deliver } = await setUp(t);
    fault({ kind: 'too_many_requests', retryAfter: seconds });
    assert.deepEqual(await fateOf(deliver(AD)), fate);
  });

const HOLDS: [number, Partial<ReadyMessage>, unknown[]][] = [
  [30_000, {}, ['deferred', 'chat_held', 30_000]],
  [300, AD, ['deferred', 'chat_held', 300]],
  [30_000, AD, ['returned', null, 'chat_held']],
  [2 * HOUR_MS, AD, ['dead', 'telegram', 'telegram_429: the chat takes nothing for 7200 s']],
];
for (const [forMs, changes, fate] of HOLDS)
  test(`nothing is sent to a chat that is held for ${forMs} ms: ${fate[0]}`, async (t) => {
    const { sent, deliver } = await setUp(t, { sends: { turn: async () => ({ kind: 'chat_held', forMs }) } });
    assert.deepEqual(await fateOf(deliver(changes)), fate);
    assert.equal(sent().length, 0);
  });

test('what is paid for takes a paid turn, and says so to Telegram', async (t) => {
  const { sent, asked, paidTurns, deliver } = await setUp(t);
  assert.equal((await deliver({ paid: true })).kind, 'done');
  assert.equal((await deliver()).kind, 'done');
  assert.deepEqual([paidTurns, asked.turns], [[CHAT], [CHAT]]);
  assert.deepEqual(
    sent().map(({ parameters }) => parameters.allow_paid_broadcast),
    [true, undefined],
  );
});

test('those whom Telegram does not reach wait for no turn, and hear what there is for devices', async (t) => {
  const { asked, deliver } = await setUp(t);
  assert.deepEqual(await fateOf(deliver({ tg_id: null })), ['delivered', 'web_push', null]);
  const silent = { toWebPush: () => null };
  assert.deepEqual(await fateOf(deliver({ tg_id: null, ...silent })), ['suppressed', null, 'no_push_content']);
  const blocked = await fateOf(deliver({ telegram_unreachable: 'blocked', ...silent }));
  assert.deepEqual(blocked, ['suppressed', null, 'unreachable:blocked']);
  assert.deepEqual(asked.turns, []);
});

test('a long wait for a push service gives an ad back, too', async (t) => {
  const failure = { code: 'web_push_429', message: 'later' };
  const { deliver } = await setUp(t, { push: { kind: 'rate_limited', retryAfterMs: 60_000, failure } });
  assert.deepEqual(await fateOf(deliver({ tg_id: null })), ['deferred', 'web_push_429', 60_000]);
  assert.deepEqual(await fateOf(deliver({ tg_id: null, ...AD })), ['returned', null, 'web_push_429']);
});

test('an attempt begins when its turn has come, and nothing is sent over any channel when it cannot', async (t) => {
  const { sent, asked, deliver, message } = await setUp(t);
  const turnsAtBegin: number[] = [];
  const begin = async () => {
    turnsAtBegin.push(asked.turns.length);
    return false;
  };
  for (const tg_id of [CHAT, null])
    assert.deepEqual(await fateOf(deliver({}, async () => message({ tg_id }), begin)), ['deferred', 'overtaken', 0]);
  assert.deepEqual(turnsAtBegin, [1, 1]);
  assert.equal(sent().length, 0);
});
