import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { KEYS } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import type { ScriptedEvent } from '../support/scripted-handler.ts';
import { createJournal, firstDeliveries } from './journal.ts';
import { addEvents, eventsOf, startOwner } from './owner.ts';

const FAILURE = { code: 'busy', message: 'later' };
const DONE = { kind: 'done', receipt: 'ok' } as const;
const HOUR_MS = 3_600_000;
/** Far above what an idle engine needs, far below what anybody waits for here. */
const SOON_MS = 3000;

test('I9: thousands of events of one company do not delay the first of another', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const release: (() => void)[] = [];
  startOwner(t, server, journal, {
    async send({ tenant }, _attempt, signal) {
      if (tenant === 'big')
        await new Promise<void>((resolve) => {
          release.push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      return DONE;
    },
  });
  const big = eventsOf(8000, 0, (n) => ({ to: [`big${n % 2000}`], tenant: 'big' }));
  await addEvents(server, [...big, { n: 9000, to: ['small'], tenant: 'small' }]);
  await eventually(() => assert.deepEqual(journal.closed(), [9000]), SOON_MS);

  // The big company goes on in order, and is served whole.
  const pump = setInterval(() => {
    for (const next of release.splice(0)) next();
  }, 1);
  t.after(() => clearInterval(pump));
  await eventually(() => assert.equal(journal.closed().length, 8001), 30_000);
  const orders = firstDeliveries(journal.sends());
  for (const recipient of ['big0', 'big1999']) {
    const order = orders.get(recipient) ?? [];
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.equal(order.length, 4);
  }
  await eventually(async () => assert.equal(await server.redis.xlen(KEYS.stream), 0));
});

/** Adds what waits, then what need not, and expects the latter soon. */
async function assertPassed(
  t: Parameters<typeof startOwner>[0],
  waiting: readonly ScriptedEvent[],
  setup: NonNullable<Parameters<typeof startOwner>[3]>,
): Promise<void> {
  const server = await startTestRedis(t);
  const journal = createJournal();
  startOwner(t, server, journal, { stopMs: 0, ...setup });
  await addEvents(server, waiting);
  await eventually(() => assert.equal(journal.sends().length > 0, true));
  await addEvents(server, [{ n: 10_000, to: ['free'], tenant: 'same' }]);
  await eventually(() => assert.deepEqual(journal.closed(), [10_000]), SOON_MS);
}

test('I9: a recipient who must wait for an hour keeps nobody out, however much is queued for them', async (t) => {
  const waiting = eventsOf(3000, 0, () => ({ to: ['blocked'], tenant: 'same' }));
  await assertPassed(t, waiting, {
    send: async ({ n }) => (n < 10_000 ? { kind: 'deferred', failure: FAILURE, delayMs: HOUR_MS } : DONE),
  });
});

test('I9: a channel that is away keeps those on another one from nothing', async (t) => {
  const waiting = eventsOf(3000, 0, (n) => ({ to: [`telegram${n}`], tenant: 'same' }));
  await assertPassed(t, waiting, {
    send: async ({ n }) => (n < 10_000 ? { kind: 'deferred', failure: FAILURE, delayMs: HOUR_MS } : DONE),
  });
});

test('I9: a recipient in the pause of a retry, or in a send that hangs, holds up nobody, not even in their own event', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  startOwner(t, server, journal, { backoffMs: 60_000, stopMs: 0 });
  await addEvents(server, [
    { n: 1, to: ['failing'], fails: 1 },
    { n: 2, to: ['hanging'], sendTakesMs: 60_000 },
    { n: 3, to: ['failing', 'one', 'hanging', 'two'] },
    { n: 4, to: ['one', 'two'] },
  ]);
  await eventually(
    () =>
      assert.deepEqual(
        journal
          .endings()
          .map(({ n, recipient }) => `${n} ${recipient}`)
          .toSorted(),
        ['3 one', '3 two', '4 one', '4 two'],
      ),
    SOON_MS,
  );
});
