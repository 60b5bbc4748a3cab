import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '#streams/clock.ts';
import { type SendProcess, startSendProcesses } from '#test/support/send-processes.ts';
import { createLog } from '../../observability/log.ts';
import { createSendBudget, type Turn } from './send-budget.ts';
import type { SendGate } from './send-gate.ts';

const log = createLog('silent');
const never = new AbortController().signal;

/** The most that lie within one second, wherever it begins. */
function mostInASecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((from) => sorted.filter((at) => at >= from && at < from + 1000).length));
}

const freeSends = (processes: readonly SendProcess[]): number[] =>
  processes.flatMap(({ sent }) => [...sent.p2p, ...sent.broadcast]);

/** Of one gate for all, that knows no holds. */
function budgetOf(gate: SendGate, clock = systemClock) {
  const holds = { leftMs: () => 0, refused: async () => undefined };
  return createSendBudget({ gate, paidGate: gate, holds, clock, log });
}

describe('the send budget', () => {
  test('lets no more than the rate through in any second, over all processes and both lanes', async (t) => {
    const { processes } = await startSendProcesses(t, 3);
    const sends = processes.flatMap(({ send }) => [
      ...Array.from({ length: 15 }, () => send('p2p')),
      ...Array.from({ length: 15 }, () => send('broadcast')),
    ]);
    await Promise.all(sends);
    const times = freeSends(processes);
    assert.equal(times.length, 90);
    assert.ok(mostInASecond(times) <= 30, `${mostInASecond(times)} in a second`);
    assert.ok(Math.max(...times) - Math.min(...times) < 4000);
  });

  test('sends a person’s message before the broadcasts that wait', async (t) => {
    const { processes } = await startSendProcesses(t, 2);
    const [first, second] = processes as [SendProcess, SendProcess];
    const broadcasts = Array.from({ length: 60 }, () => first.send('broadcast'));
    await systemClock.sleep(500);
    const asked = systemClock.monotonicMs();
    await Promise.all(Array.from({ length: 3 }, () => second.send('p2p')));
    const waited = second.sent.p2p.map((at) => at - asked);
    assert.ok(Math.max(...waited) < 1500, `waited ${waited}`);
    assert.ok(first.sent.broadcast.length < 40);
    await Promise.all(broadcasts);
    assert.ok(mostInASecond(freeSends(processes)) <= 30);
  });

  test('broadcasts keep the distance of the rate, whoever sends them, so that a burst’s gap does not come again', async (t) => {
    // Without answers each slot stays where the gate put it.
    const { server, processes } = await startSendProcesses(t, 2, { answers: false });
    await Promise.all(Array.from({ length: 15 }, () => processes[0]?.send('p2p')));
    await Promise.all(Array.from({ length: 44 }, (_, index) => processes[index % 2]?.send('broadcast')));
    const slots = (await server.redis.zrange('gate', -30, -1, 'WITHSCORES')).filter((_, index) => index % 2 === 1);
    const apartMs = slots.slice(1).map((slot, index) => (Number(slot) - Number(slots[index])) / 1000);
    assert.equal(apartMs.length, 29);
    assert.ok(Math.min(...apartMs) > 33.7, `apart by ${apartMs}`);
  });

  test('what is scheduled leaves people no more to wait for than broadcasts do, and takes turns with these', async (t) => {
    const { processes } = await startSendProcesses(t, 2);
    const [first, second] = processes as [SendProcess, SendProcess];
    const broadcasts = Array.from({ length: 20 }, () => first.send('broadcast'));
    const scheduled = processes.flatMap(({ send }) => Array.from({ length: 20 }, () => send('scheduled')));
    await systemClock.sleep(500);
    const asked = systemClock.monotonicMs();
    await Promise.all(Array.from({ length: 3 }, () => second.send('p2p')));
    const waited = Math.max(...second.sent.p2p) - asked;
    assert.ok(waited < 500, `waited ${waited}`);
    await Promise.all([...scheduled, ...broadcasts]);
    assert.ok((first.sent.scheduled[9] ?? 0) < (first.sent.broadcast[19] ?? 0), 'the broadcasts went first');
    assert.ok((first.sent.broadcast[0] ?? 0) < (first.sent.scheduled[19] ?? 0), 'no broadcast went before the end');
    assert.ok(mostInASecond(processes.flatMap(({ sent }) => Object.values(sent).flat())) <= 30);
  });

  test('what is scheduled yields for some seconds at most, for what else its person hears waits behind it', async (t) => {
    const { processes } = await startSendProcesses(t, 2);
    const [first, second] = processes as [SendProcess, SendProcess];
    const people = Array.from({ length: 240 }, (_, index) => (index % 2 ? first : second).send('p2p'));
    await systemClock.sleep(100);
    const asked = systemClock.monotonicMs();
    await Promise.all([first.send('scheduled'), first.send('scheduled')]);
    const waited = Math.max(...first.sent.scheduled) - asked;
    assert.ok(waited > 1500, `waited ${waited}`);
    const left = 240 - first.sent.p2p.length - second.sent.p2p.length;
    assert.ok(left > 30, `only ${left} were left`);
    await Promise.all(people);
  });

  test('lets people’s messages burst into what is free', async (t) => {
    const { processes } = await startSendProcesses(t, 1);
    const asked = systemClock.monotonicMs();
    await Promise.all(Array.from({ length: 30 }, () => processes[0]?.send('p2p')));
    assert.ok(systemClock.monotonicMs() - asked < 900);
  });

  test('paid broadcasts go at a rate of their own beside the others', async (t) => {
    const { processes } = await startSendProcesses(t, 2, { rate: 2, paidRate: 40 });
    const [first, second] = processes as [SendProcess, SendProcess];
    const free = Array.from({ length: 4 }, () => first.send('broadcast'));
    const paid = processes.flatMap(({ send }) => Array.from({ length: 50 }, () => send('paid')));
    await Promise.all([...free, ...paid]);
    const times = [...first.sent.paid, ...second.sent.paid];
    assert.equal(times.length, 100);
    assert.ok(mostInASecond(times) <= 40, `${mostInASecond(times)} paid in a second`);
    assert.ok(Math.max(...times) - Math.min(...times) < 4500);
    assert.ok(mostInASecond(first.sent.broadcast) <= 2);
  });

  test('paid broadcasts reach hundreds a second', async (t) => {
    const { processes } = await startSendProcesses(t, 2);
    const asked = systemClock.monotonicMs();
    await Promise.all(processes.flatMap(({ send }) => Array.from({ length: 300 }, () => send('paid'))));
    const took = systemClock.monotonicMs() - asked;
    assert.ok(took > 400 && took < 5000, `took ${took}`);
  });

  test('takes a wiped gate for a full one', async (t) => {
    const { server, processes } = await startSendProcesses(t, 1, { isNew: false });
    const [process] = processes as [SendProcess];
    const asked = systemClock.monotonicMs();
    await process.send('p2p');
    await server.flush();
    await process.send('p2p');
    const waited = process.sent.p2p.map((at) => at - asked);
    assert.ok((waited[0] ?? 0) >= 1000 && (waited[1] ?? 0) >= (waited[0] ?? 0) + 1000, `waited ${waited}`);
  });

  test('goes on slowly while the gate is out of reach, never without a limit', async () => {
    const budget = budgetOf({ rate: 100, reserve: () => Promise.reject(new Error('Connection is closed.')) });
    const asked = systemClock.monotonicMs();
    for (let index = 0; index < 6; index += 1) await ((await budget.p2p.turn(1, never)) as Turn).begin();
    const took = systemClock.monotonicMs() - asked;
    assert.ok(took >= 480 && took < 3000, `took ${took}`);
  });

  test('gives a slot back that the process came too late for, and sends in another that is there at once', async () => {
    const slots: string[] = [];
    const gate: SendGate = {
      rate: 30,
      async reserve() {
        const now = systemClock.monotonicMs();
        const name = `slot ${slots.filter((what) => what.endsWith('given')).length + 1}`;
        slots.push(`${name} given`);
        const over = (what: string) => () => void slots.push(`${name} ${what}`);
        return { kind: 'slot', fromMs: now, untilMs: now + 8, answered: over('answered'), forfeit: over('given back') };
      },
    };
    const turn = (await budgetOf(gate).p2p.turn(1, never)) as Turn;
    await systemClock.sleep(30);
    assert.equal(await turn.begin(), true);
    turn.answered();
    assert.deepEqual(slots, ['slot 1 given', 'slot 1 given back', 'slot 2 given', 'slot 2 answered']);
  });

  test('lets the message wait anew when no other slot is there at once', async () => {
    let [given, back] = [0, 0];
    const gate: SendGate = {
      rate: 30,
      async reserve() {
        const fromMs = systemClock.monotonicMs() + given * 500;
        given += 1;
        return { kind: 'slot', fromMs, untilMs: fromMs + 8, answered: () => undefined, forfeit: () => void back++ };
      },
    };
    const turn = (await budgetOf(gate).p2p.turn(1, never)) as Turn;
    await systemClock.sleep(30);
    assert.equal(await turn.begin(), false);
    assert.deepEqual([given, back], [2, 2]);
  });

  test('a slot that was given back is the next one’s', async (t) => {
    const { processes } = await startSendProcesses(t, 1);
    const [{ ask, budget }] = processes as [SendProcess];
    const late = new AbortController();
    const turns = [];
    // One is used: a gate without any slot looks like a wiped one.
    await ask('p2p');
    for (let index = 2; index <= 30; index += 1) turns.push((await budget.p2p.turn(index, late.signal)) as Turn);
    late.abort();
    await systemClock.sleep(30);
    for (const turn of turns) await turn.begin();
    const asked = systemClock.monotonicMs();
    await budget.p2p.turn(99, never);
    assert.ok(systemClock.monotonicMs() - asked < 500);
  });

  test('a slot that is given back before its time leaves room for nobody before it', async (t) => {
    const { processes } = await startSendProcesses(t, 2);
    const [first, second] = processes as [SendProcess, SendProcess];
    await Promise.all(Array.from({ length: 30 }, () => first.send('p2p')));
    const leaving = new AbortController();
    const waiting = first.budget.p2p.turn(99, leaving.signal);
    await systemClock.sleep(100);
    leaving.abort();
    assert.equal(await waiting, null);
    await second.send('p2p');
    assert.ok(mostInASecond(freeSends(processes)) <= 30);
  });

  test('counts a message that was held up on its way from its arrival', async (t) => {
    const { processes } = await startSendProcesses(t, 1, { answers: false });
    const [{ ask }] = processes as [SendProcess];
    const take = async () => (await ask('p2p')) as Turn;
    (await take()).answered();
    const heldUp = await Promise.all(Array.from({ length: 29 }, take));
    await systemClock.sleep(400);
    for (const turn of heldUp) turn.answered();
    const arrived = systemClock.monotonicMs();
    await systemClock.sleep(50);
    await Promise.all(Array.from({ length: 2 }, take));
    const waited = systemClock.monotonicMs() - arrived;
    assert.ok(waited > 970 && waited < 2000, `waited ${waited}`);
  });

  for (const sendClass of ['p2p', 'scheduled', 'broadcast', 'paid'] as const)
    test(`lets nobody wait whose signal aborts: ${sendClass}`, async (t) => {
      const { processes } = await startSendProcesses(t, 1, { paidRate: 30, isNew: false });
      const leaving = new AbortController();
      const lane = processes[0]?.budget[sendClass];
      const turns = Promise.all(Array.from({ length: 40 }, (_, chat) => lane?.turn(chat + 1, leaving.signal)));
      await systemClock.sleep(50);
      leaving.abort();
      const left = systemClock.monotonicMs();
      assert.ok((await turns).every((turn) => turn === null));
      assert.ok(systemClock.monotonicMs() - left < 500);
    });
});
