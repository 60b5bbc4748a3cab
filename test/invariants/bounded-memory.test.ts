import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { KEYS, pendingCount } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import type { Note, Send } from '../support/scripted-handler.ts';
import { settledHeap } from './heap.ts';
import { addMany, startOwner } from './owner.ts';

/** The window with what tenants may have above it, the parking place, the shelves, and a page that was read too early. */
const MAX_AT_WORK = 2_000;
const MAX_PARKED = 20_000;
const MAX_SHELVED = 50_000;
const PAGE = 500;
/** On top of an owner at rest: 50,000 ids and 1,000 entries at work; and 20,000 entries that are parked. */
const MAX_HEAP_AT_WORK = 48e6;
const MAX_HEAP_PARKED = 160e6;

/** Lets the owner go on until it does no more. @param grows what is watched */
async function afterFilling(t: TestContext, waiting: number, grows: 'read' | 'begun', send: Send) {
  const server = await startTestRedis(t);
  const base = await settledHeap();
  await addMany(server, 0, waiting, '{"n":%d,"to":["a%d"],"tenant":"same"}');
  const count = { read: 0, begun: 0 };
  const note = ({ what }: Note): void => {
    if (what === 'began') count.begun += 1;
  };
  startOwner(t, server, { note }, { send, stopMs: 0 });
  await eventually(async () => {
    const before = count[grows];
    await sleep(700);
    count.read = await pendingCount(server).catch(() => 0);
    assert.equal(count[grows] > 0 && count[grows] === before, true);
  }, 60_000);
  const heap = (await settledHeap()) - base;
  t.diagnostic(`${count.read} read, ${count.begun} begun, heap + ${(heap / 1e6).toFixed(1)} MB`);
  assert.equal(await server.redis.xlen(KEYS.stream), waiting);
  return { ...count, heap };
}

test('with 200,000 entries waiting behind sends that hang, an owner holds no more than its bounds', async (t) => {
  const { read, begun, heap } = await afterFilling(t, 200_000, 'read', async (_event, _attempt, signal) => {
    await sleep(600_000, undefined, { signal });
    return { kind: 'done', receipt: 'late' };
  });
  assert.equal(begun <= MAX_AT_WORK, true, `${begun} at work`);
  assert.equal(read <= MAX_AT_WORK + MAX_SHELVED + PAGE, true, `${read} read`);
  assert.equal(heap < MAX_HEAP_AT_WORK, true, `${heap} bytes`);
});

test('with 40,000 entries for recipients who must wait for an hour, an owner holds no more than its bounds', async (t) => {
  const failure = { code: 'away', message: 'later' };
  const deferred = { kind: 'deferred', failure, delayMs: 3_600_000 } as const;
  const { begun, heap } = await afterFilling(t, 40_000, 'begun', async () => deferred);
  assert.equal(begun <= MAX_PARKED + MAX_AT_WORK, true, `${begun} parked`);
  assert.equal(heap < MAX_HEAP_PARKED, true, `${heap} bytes`);
});
