import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { appendToOutbox, lastOutboxId } from './outbox.ts';
import { createRelayLag } from './relay-lag.ts';

const NOW = new Date('2026-11-23T10:00:00Z');
const HOUR_S = 3_600;
/** More than a slow test takes from one line to the next. */
const MOMENT_MS = 60_000;

async function setUp(t: TestContext) {
  const database = await openTestDatabase(t);
  const lag = createRelayLag({ database, share: { lane: 'p2p', shares: 1, remainder: 0 } });
  const commit = async (id: string, agoS: number, at?: Date): Promise<number> => {
    const ts = NOW.getTime() / 1000 - agoS;
    const event = { id, type: 'booking_created', company_id: 1, booking_id: 7, ts } as const;
    const initiated_by = { user_id: null, role: 'system', channel: 'api' } as const;
    await database.write((tx) => appendToOutbox(tx, { ...event, initiated_by }, at && { at }));
    return lastOutboxId(database);
  };
  return { lag, commit, ms: () => lag.ms(NOW) };
}

test('rows that another relay may have put into the stream long ago count from the takeover on', async (t) => {
  const { lag, commit, ms } = await setUp(t);
  const old = await commit('old', HOUR_S);
  lag.took(7, old);
  assert.ok((await ms()) < MOMENT_MS);
  await commit('fresh', 45);
  lag.offered(old);
  assert.equal(await ms(), 45_000);
});

test('a reconnection forgets nothing of what is in the stream, nor of what waits for it', async (t) => {
  const { lag, commit, ms } = await setUp(t);
  lag.took(1, 0);
  const there = await commit('there', HOUR_S);
  lag.offered(there);
  assert.equal(await ms(), 0);
  const waits = await commit('waits', 600);
  lag.took(2, waits);
  assert.equal(await ms(), 600_000);
  lag.offered(waits);
  assert.equal(await ms(), 0);
});

test('a holding after a wipe, or after that of another process, knows of no row where it is', async (t) => {
  for (const epoch of [1, 4]) {
    const { lag, commit, ms } = await setUp(t);
    lag.took(2, 0);
    const there = await commit('there', HOUR_S);
    lag.offered(there);
    lag.took(epoch, there);
    assert.ok((await ms()) < MOMENT_MS);
    await commit('behind it', 45);
    lag.offered(there);
    assert.equal(await ms(), 45_000);
  }
});

test('an event that is offered again has waited since then, however old it is', async (t) => {
  const { lag, commit, ms } = await setUp(t);
  lag.took(1, 0);
  await commit('chunk', HOUR_S, new Date(NOW.getTime() - 250));
  assert.equal(await ms(), 250);
});
