import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '#streams/clock.ts';
import { startTestRedis } from '#test/support/redis.ts';
import type { Lane } from '../../domain/lanes.ts';
import { createLog } from '../../observability/log.ts';
import { createSendBudget, type SendBudget } from './send-budget.ts';
import { createSendGate } from './send-gate.ts';

const log = createLog('silent');
const never = new AbortController().signal;

interface Process {
  budget: SendBudget;
  /** When its sends left, in ms, by lane. */
  sent: Record<Lane, number[]>;
  send(lane: Lane): Promise<void>;
}

/** As many processes as wanted, that share a gate in a Redis of their own. */
async function startProcesses(scope: Parameters<typeof startTestRedis>[0], count: number, rate = 30, isNew = true) {
  const server = await startTestRedis(scope);
  const processes = Array.from({ length: count }, (): Process => {
    const gate = createSendGate({ redis: server.connect(), key: 'gate', rate, isNew, clock: systemClock });
    const budget = createSendBudget({ gate, rate, clock: systemClock, log });
    const sent: Process['sent'] = { p2p: [], broadcast: [] };
    return {
      budget,
      sent,
      async send(lane) {
        while (!(await (await budget[lane].turn(never))?.begin()));
        sent[lane].push(systemClock.monotonicMs());
      },
    };
  });
  return { server, processes };
}

/** The most that lie within one second, wherever it begins. */
function mostInASecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((from) => sorted.filter((at) => at >= from && at < from + 1000).length));
}

const allSent = (processes: readonly Process[]): number[] =>
  processes.flatMap(({ sent }) => [...sent.p2p, ...sent.broadcast]);

describe('the send budget', () => {
  test('lets no more than the rate through in any second, over all processes and both lanes', async (t) => {
    const { processes } = await startProcesses(t, 3);
    const sends = processes.flatMap(({ send }) => [
      ...Array.from({ length: 15 }, () => send('p2p')),
      ...Array.from({ length: 15 }, () => send('broadcast')),
    ]);
    await Promise.all(sends);
    const times = allSent(processes);
    assert.equal(times.length, 90);
    assert.ok(mostInASecond(times) <= 30, `${mostInASecond(times)} in a second`);
    assert.ok(Math.max(...times) - Math.min(...times) < 4000);
  });

  test('sends a person’s message before the broadcasts that wait', async (t) => {
    const { processes } = await startProcesses(t, 2);
    const [first, second] = processes as [Process, Process];
    const broadcasts = Array.from({ length: 60 }, () => first.send('broadcast'));
    await systemClock.sleep(500);
    const asked = systemClock.monotonicMs();
    await Promise.all(Array.from({ length: 3 }, () => second.send('p2p')));
    const waited = second.sent.p2p.map((at) => at - asked);
    assert.ok(Math.max(...waited) < 1500, `waited ${waited}`);
    assert.ok(first.sent.broadcast.length < 40);
    await Promise.all(broadcasts);
    assert.ok(mostInASecond(allSent(processes)) <= 30);
  });

  test('lets people’s messages burst into what is free', async (t) => {
    const { processes } = await startProcesses(t, 1);
    const asked = systemClock.monotonicMs();
    // A busy machine may forfeit some slots.
    await Promise.all(Array.from({ length: 20 }, () => processes[0]?.send('p2p')));
    assert.ok(systemClock.monotonicMs() - asked < 900);
  });

  test('takes a wiped gate for a full one', async (t) => {
    const { server, processes } = await startProcesses(t, 1, 30, false);
    const [process] = processes as [Process];
    const asked = systemClock.monotonicMs();
    await process.send('p2p');
    await server.flush();
    await process.send('p2p');
    const waited = process.sent.p2p.map((at) => at - asked);
    assert.ok((waited[0] ?? 0) >= 1000 && (waited[1] ?? 0) >= (waited[0] ?? 0) + 1000, `waited ${waited}`);
  });

  test('goes on slowly while the gate is out of reach, never without a limit', async () => {
    const gate = { reserve: () => Promise.reject(new Error('Connection is closed.')) };
    const budget = createSendBudget({ gate, rate: 100, clock: systemClock, log });
    const asked = systemClock.monotonicMs();
    for (let index = 0; index < 6; index += 1) await (await budget.p2p.turn(never))?.begin();
    const took = systemClock.monotonicMs() - asked;
    assert.ok(took >= 480 && took < 3000, `took ${took}`);
  });

  test('gives a slot up that the process came too late for', async () => {
    const clock = { ...systemClock };
    const gate = {
      reserve: async () =>
        ({
          kind: 'slot',
          fromMs: clock.monotonicMs(),
          untilMs: clock.monotonicMs() + 8,
          answered: () => undefined,
        }) as const,
    };
    const turn = await createSendBudget({ gate, rate: 30, clock, log }).p2p.turn(never);
    await systemClock.sleep(30);
    assert.equal(await turn?.begin(), false);
  });

  test('counts a message that was held up on its way from its arrival', async (t) => {
    const { processes } = await startProcesses(t, 1);
    const [{ budget }] = processes as [Process];
    const take = async () => {
      const turn = await budget.p2p.turn(never);
      await turn?.begin();
      return turn;
    };
    (await take())?.answered();
    const heldUp = await Promise.all(Array.from({ length: 29 }, take));
    await systemClock.sleep(400);
    for (const turn of heldUp) turn?.answered();
    const arrived = systemClock.monotonicMs();
    await systemClock.sleep(50);
    await Promise.all(Array.from({ length: 2 }, take));
    const waited = systemClock.monotonicMs() - arrived;
    assert.ok(waited > 970 && waited < 2000, `waited ${waited}`);
  });

  test('lets nobody wait whose signal aborts', async (t) => {
    const { processes } = await startProcesses(t, 1, 30, false);
    const leaving = new AbortController();
    const turns = Promise.all(Array.from({ length: 40 }, () => processes[0]?.budget.p2p.turn(leaving.signal)));
    leaving.abort();
    assert.ok((await turns).every((turn) => turn === null));
  });
});
