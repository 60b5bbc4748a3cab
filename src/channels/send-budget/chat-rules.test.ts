import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '#streams/clock.ts';
import { eventually } from '#test/support/eventually.ts';
import { type SendProcess, startSendProcesses } from '#test/support/send-processes.ts';
import type { SendClass } from './send-budget.ts';

const ANNA = 101;
const GROUP = -1001;
const never = new AbortController().signal;
const { monotonicMs } = systemClock;

async function startTwo(t: TestContext) {
  const { server, processes } = await startSendProcesses(t, 2, { rate: 100 });
  return { server, processes: processes as [SendProcess, SendProcess] };
}

const kindOf = async ({ ask }: SendProcess, sendClass: SendClass, chatId: number) =>
  (await ask(sendClass, chatId)).kind;

describe('one chat', () => {
  test('gets one broadcast a second, whichever process sends it, paid or not', async (t) => {
    const { processes } = await startTwo(t);
    const [first, second] = processes;
    const classes: SendClass[] = ['broadcast', 'paid', 'broadcast'];
    await Promise.all(classes.map((sendClass, index) => [first, second][index % 2]?.send(sendClass, ANNA)));
    const times = processes.flatMap(({ sent }) => [...sent.broadcast, ...sent.paid]).toSorted((a, b) => a - b);
    assert.equal(times.length, 3);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    assert.ok(Math.min(...gaps) > 990 && Math.max(...gaps) < 2500, `gaps ${gaps}`);
  });

  test('is held for the rest of the second, and for broadcasts alone', async (t) => {
    const { processes } = await startTwo(t);
    const [first, second] = processes;
    await first.send('broadcast', ANNA);
    const held = await second.ask('broadcast', ANNA);
    assert.ok(held.kind === 'chat_held' && held.forMs > 0 && held.forMs <= 2100, JSON.stringify(held));
    assert.equal(await kindOf(second, 'p2p', ANNA), 'turn');
    assert.equal(await kindOf(second, 'broadcast', ANNA + 1), 'turn');
  });

  test('is not held for a broadcast that could not be sent in its slot', async (t) => {
    const { processes } = await startTwo(t);
    const { budget } = processes[0];
    const turn = await budget.broadcast.turn(ANNA, never);
    assert.equal(turn?.kind, 'turn');
    const until = monotonicMs() + 60;
    while (monotonicMs() < until);
    assert.equal(turn.kind === 'turn' && (await turn.begin()), false);
    assert.equal(await kindOf(processes[0], 'broadcast', ANNA), 'turn');
  });

  test('leaves nothing in Redis when it hears no more', async (t) => {
    const { server, processes } = await startTwo(t);
    const [first] = processes;
    await first.send('broadcast', ANNA);
    await first.budget.p2p.refused(ANNA + 1, 2000);
    const ofChats = () => server.redis.keys('gate:chat:*');
    assert.equal((await ofChats()).length, 2);
    await eventually(async () => assert.deepEqual(await ofChats(), []), 10_000);
  });
});

describe('a group', () => {
  test('gets 20 messages in a minute, over all processes and lanes', async (t) => {
    const { server, processes } = await startTwo(t);
    const [first, second] = processes;
    await Promise.all(Array.from({ length: 10 }, () => first.send('p2p', GROUP)));
    await Promise.all(Array.from({ length: 8 }, () => second.send('p2p', GROUP)));
    await first.send('broadcast', GROUP);
    await second.send('paid', GROUP);
    for (const process of processes) {
      const held = await process.ask('p2p', GROUP);
      assert.ok(held.kind === 'chat_held' && held.forMs > 50_000 && held.forMs <= 61_100, JSON.stringify(held));
      assert.equal(await kindOf(process, 'broadcast', GROUP), 'chat_held');
      assert.equal(await kindOf(process, 'p2p', ANNA), 'turn');
      assert.equal(await kindOf(process, 'p2p', GROUP - 1), 'turn');
    }
    const expiresIn = await server.redis.pttl(`gate:chat:${GROUP}:minute`);
    assert.ok(expiresIn > 50_000 && expiresIn < 65_000, `${expiresIn}`);
  });

  test('gets the next one when the first of them is a minute old', async (t) => {
    const { server, processes } = await startTwo(t);
    const key = `gate:chat:${GROUP}:minute`;
    await Promise.all(Array.from({ length: 20 }, () => processes[0].send('p2p', GROUP)));
    const [oldest = '', , next = ''] = await server.redis.zrange(key, 0, 1, 'WITHSCORES');
    await server.redis.zincrby(key, -59_000_000, oldest);
    const held = await processes[1].ask('p2p', GROUP);
    assert.ok(held.kind === 'chat_held' && held.forMs <= 2100, JSON.stringify(held));
    await processes[1].send('p2p', GROUP);
    assert.equal(await kindOf(processes[1], 'p2p', GROUP), 'chat_held');
    assert.notEqual(await server.redis.zscore(key, next), null);
  });
});
