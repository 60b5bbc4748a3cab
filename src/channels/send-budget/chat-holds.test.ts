import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '#streams/clock.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { type SendProcess, startSendProcesses } from '#test/support/send-processes.ts';
import { createLog } from '../../observability/log.ts';
import { createChatHolds } from './chat-holds.ts';
import type { SendClass } from './send-budget.ts';

const ANNA = 101;
const BORIS = 102;
const CLASSES: SendClass[] = ['p2p', 'scheduled', 'broadcast', 'paid'];
const BROADCASTS: SendClass[] = ['broadcast', 'paid'];
const { monotonicMs, sleep } = systemClock;

async function startTwo(t: TestContext) {
  const { server, processes } = await startSendProcesses(t, 2);
  return { server, processes: processes as [SendProcess, SendProcess] };
}

/** For how long the chat is held, as it is told there; 0 when it gets a turn. */
async function heldMs({ ask }: SendProcess, sendClass: SendClass, chatId: number): Promise<number> {
  const turn = await ask(sendClass, chatId);
  return turn.kind === 'chat_held' ? turn.forMs : 0;
}

const waitedMs = async (work: Promise<unknown>): Promise<number> => {
  const from = monotonicMs();
  await work;
  return monotonicMs() - from;
};

describe('a chat that Telegram refuses', () => {
  test('is held in every process and lane, without a slot, and nobody else is', async (t) => {
    const { server, processes } = await startTwo(t);
    await processes[0].budget.p2p.refused(ANNA, 60_000);
    for (const process of processes)
      for (const sendClass of CLASSES) {
        const forMs = await heldMs(process, sendClass, ANNA);
        assert.ok(forMs > 50_000 && forMs <= 60_000, `${sendClass}: ${forMs}`);
      }
    assert.equal(await server.redis.exists('gate', 'gate:paid'), 0);
    for (const [n, sendClass] of CLASSES.entries()) assert.equal(await heldMs(processes[1], sendClass, BORIS + n), 0);
  });

  test('gets its message when the time is over, one second at the least', async (t) => {
    const { processes } = await startTwo(t);
    const [first, second] = processes;
    await first.budget.broadcast.refused(ANNA, 10);
    const waited = await Promise.all([waitedMs(first.send('p2p', ANNA)), waitedMs(second.send('p2p', ANNA))]);
    assert.ok(Math.min(...waited) > 900 && Math.max(...waited) < 3000, `waited ${waited}`);
  });

  test('is held for the longest time that it was told', async (t) => {
    const { processes } = await startTwo(t);
    for (const retryAfterMs of [5000, 90_000, 2000]) await processes[0].budget.p2p.refused(ANNA, retryAfterMs);
    for (const process of processes) assert.ok((await heldMs(process, 'p2p', ANNA)) > 80_000);
  });

  test('holds all broadcasts when another one is refused together with it, and people’s messages go on', async (t) => {
    const { processes } = await startTwo(t);
    const [first, second] = processes;
    await first.budget.broadcast.refused(ANNA, 60_000);
    await second.budget.p2p.refused(BORIS, 1500);
    const others = Promise.all([
      waitedMs(first.send('broadcast')),
      waitedMs(second.send('broadcast')),
      waitedMs(second.send('paid')),
    ]);
    const person = await waitedMs(second.send('p2p'));
    assert.ok(person < 1000, `a person waited ${person}`);
    const waited = await others;
    assert.ok(Math.min(...waited) > 1200 && Math.max(...waited) < 4000, `broadcasts waited ${waited}`);
  });

  test('holds no broadcasts by itself, however often it is refused', async (t) => {
    const { processes } = await startTwo(t);
    for (const { budget } of processes) await budget.broadcast.refused(ANNA, 60_000);
    assert.ok((await waitedMs(processes[1].send('broadcast'))) < 20_000);
  });

  test('lets nobody wait with the broadcasts whose signal aborts', async (t) => {
    const { processes } = await startTwo(t);
    const { budget } = processes[0];
    await Promise.all([ANNA, BORIS].map((chat) => budget.paid.refused(chat, 60_000)));
    const leaving = new AbortController();
    const turns = BROADCASTS.flatMap((sendClass) =>
      [1, 2, 3].map((chat) => budget[sendClass].turn(chat, leaving.signal)),
    );
    await sleep(100);
    leaving.abort();
    const waited = await waitedMs(Promise.all(turns.map(async (turn) => assert.equal(await turn, null))));
    assert.ok(waited < 500, `waited ${waited}`);
  });

  test('is left alone by the process that knows it while Redis is away, and the others are written to', async (t) => {
    const { server, processes } = await startTwo(t);
    await server.kill();
    const { budget, send } = processes[0];
    await budget.p2p.refused(ANNA, 60_000);
    for (const sendClass of CLASSES) assert.ok((await heldMs(processes[0], sendClass, ANNA)) > 50_000);
    await send('p2p', BORIS);
  });

  test('is forgotten by a process that knows too many, the oldest first', async (t) => {
    let now = 0;
    const { redis } = await startTestRedis(t);
    const clock = { monotonicMs: () => now };
    const holds = createChatHolds({ redis, key: 'gate', clock, log: createLog('silent') });
    const hold = (from: number, count: number, forMs: number) =>
      Promise.all(Array.from({ length: count }, (_, n) => holds.refused(from + n, forMs)));
    await hold(1, 9_000, 60_000);
    await hold(20_000, 1_000, 2_000);
    now = 3_000;
    await hold(30_000, 1_000, 60_000);
    assert.equal(holds.leftMs(1), 57_000);
    assert.equal(holds.leftMs(20_000), 0);
    await hold(40_000, 1, 60_000);
    assert.deepEqual([holds.leftMs(1), holds.leftMs(2), holds.leftMs(40_000)], [0, 57_000, 60_000]);
  });
});
