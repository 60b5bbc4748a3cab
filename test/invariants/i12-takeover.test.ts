import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineProcess, startEngineProcess } from '../support/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { startTestRedis } from '../support/redis.ts';
import { machineMs } from '../support/scripted-handler.ts';
import { createJournal } from './journal.ts';
import { addEvents, eventsOf, untilQuiet } from './owner.ts';

const AFTER_KILL_MS = 7000;
const AFTER_STOP_MS = 1000;

/** Two processes with a hundred events before them; the one that owns the partition first. */
async function startTwo(t: TestContext) {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const start = (by: string) => startEngineProcess(t, server, { by, note: journal.note });
  const [first, second] = await Promise.all([start('first'), start('second')]);
  await addEvents(
    server,
    eventsOf(100, 0, (n) => ({ to: [`a${n % 2}`], sendTakesMs: 60 })),
  );
  await eventually(() => assert.equal(journal.sends().length > 5, true));
  await sleep(300);
  const owner = journal.sends()[0]?.by ?? '';
  const process: EngineProcess = owner === 'first' ? first : second;
  const ofHeir = () => journal.sends().filter(({ by }) => by !== owner);
  assert.equal(ofHeir().length, 0);
  return { server, journal, owner, process, ofHeir };
}

test('I12: after a kill of its owner a partition is at work again within seven seconds', async (t) => {
  const { server, process, ofHeir } = await startTwo(t);
  const killedAt = machineMs();
  await process.kill();
  const [first] = await eventually(() => {
    assert.equal(ofHeir().length > 0, true);
    return ofHeir();
  }, 15_000);
  const tookMs = (first?.beganAt ?? 0) - killedAt;
  t.diagnostic(`${Math.round(tookMs)} ms`);
  assert.equal(tookMs <= AFTER_KILL_MS, true, `${tookMs} ms`);
  await untilQuiet(server, 15_000);
});

test('I12: a stopping owner’s partition is at work again within a second of its last send', async (t) => {
  const { server, journal, owner, process, ofHeir } = await startTwo(t);
  await process.terminate();
  await eventually(() => assert.equal(ofHeir().length > 0, true));
  const lastEnd = Math.max(...journal.sends().flatMap(({ by, endedAt }) => (by === owner ? (endedAt ?? 0) : 0)));
  const tookMs = (ofHeir()[0]?.beganAt ?? 0) - lastEnd;
  t.diagnostic(`${Math.round(tookMs)} ms`);
  assert.equal(tookMs <= AFTER_STOP_MS, true, `${tookMs} ms`);
  await untilQuiet(server);
  assert.equal(journal.sends().length, 100, 'an orderly stop repeats nothing');
});
