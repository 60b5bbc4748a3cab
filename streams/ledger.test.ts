import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startTestRedis } from '#test/support/redis.ts';
import { decodeRecords, type RecipientRecord, readEntry, recordOf, type StreamEntry } from './entry.ts';
import { GROUP, partitionKeys } from './keys.ts';
import { createLedger } from './ledger.ts';

const keys = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });

/** A stream whose entries are read, under the lease of `owner`. */
async function openLedger(t: TestContext, count: number) {
  const { redis } = await startTestRedis(t);
  const entries: StreamEntry[] = [];
  for (let n = 0; n < count; n += 1)
    entries.push(readEntry((await redis.xadd(keys.stream, '*', 'event', `${n}`)) ?? '', []));
  await redis.xgroup('CREATE', keys.stream, GROUP, '0');
  await redis.xreadgroup('GROUP', GROUP, keys.consumer, 'COUNT', count, 'STREAMS', keys.stream, '>');
  await redis.set(keys.lease, 'owner');
  const unwritten: [string, RecipientRecord][] = [];
  const failures: unknown[] = [];
  const ledger = createLedger({
    ...{ redis, keys, token: 'owner' },
    unwritten: (id, record) => void unwritten.push([id, record]),
    failed: (error) => void failures.push(error),
  });
  await redis.config('RESETSTAT');
  const scripts = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  return { redis, ledger, entries, unwritten, failures, scripts };
}

const begin = (entry: StreamEntry, recipient: string, attempts = 1): RecipientRecord =>
  Object.assign(recordOf(entry, recipient), { state: 'started', attempts });

test('what happens in one tick goes in one script, five hundred entries at most', async (t) => {
  const { redis, ledger, entries, scripts } = await openLedger(t, 1100);
  await Promise.all(entries.map((entry) => ledger.write(entry, begin(entry, 'a'))));
  assert.equal(await scripts(), 3);
  assert.equal(await redis.hlen(keys.ledger), 1100);
  const [[first]] = [entries] as [[StreamEntry]];
  assert.deepEqual(decodeRecords((await redis.hget(keys.ledger, first.id)) ?? ''), first.records);
});

test('a result is not written where its entry is settled in the same tick', async (t) => {
  const { redis, ledger, entries } = await openLedger(t, 2);
  const [one, other] = entries as [StreamEntry, StreamEntry];
  await redis.set(`${keys.markerPrefix}k`, one.id);
  one.key = 'k';
  ledger.note(one, begin(one, 'a'));
  const left = new Promise<void>((leave) => ledger.settle({ entry: one, leave }));
  ledger.note(other, begin(other, 'a'));
  await left;
  assert.deepEqual(await redis.hkeys(keys.ledger), [other.id]);
  assert.deepEqual(
    (await redis.xrange(keys.stream, '-', '+')).map(([id]) => id),
    [other.id],
  );
  assert.equal((await redis.xpending(keys.stream, GROUP))[0], 1);
  assert.equal(await redis.exists(`${keys.markerPrefix}k`), 0);
});

test('the pending list tells the most attempts that a recipient of the entry has had', async (t) => {
  const { redis, ledger, entries } = await openLedger(t, 1);
  const [entry] = entries as [StreamEntry];
  const counted = async () =>
    ((await redis.xpending(keys.stream, GROUP, '-', '+', 1)) as [[string, string, number, number]])[0][3];
  const first = begin(entry, 'a', 3);
  await ledger.write(entry, first);
  assert.equal(await counted(), 3);
  first.state = 'waiting';
  await ledger.write(entry, begin(entry, 'b', 2));
  assert.equal(await counted(), 3);
});

test('a script that fails ends the ledger; what Redis does not have is told, and who waits is refused', async (t) => {
  const { redis, ledger, entries, unwritten, failures } = await openLedger(t, 2);
  const [one, other] = entries as [StreamEntry, StreamEntry];
  await redis.set(keys.lease, 'somebody else');
  const record = begin(one, 'a');
  await assert.rejects(ledger.write(one, record), /FENCED/);
  assert.deepEqual(unwritten, [[one.id, record]]);
  assert.equal(failures.length, 1);

  await redis.set(keys.lease, 'owner');
  const late = begin(other, 'b');
  ledger.note(other, late);
  assert.deepEqual(unwritten.at(-1), [other.id, late]);
  await assert.rejects(ledger.write(other, late), /FENCED/);
  await new Promise<void>((leave) => ledger.settle({ entry: other, leave }));
  assert.equal(await redis.xlen(keys.stream), 2, 'it leaves its place, and stays in the stream');
  assert.equal(failures.length, 1, 'told once');
});

test('after its end nothing is written, and that is no failure', async (t) => {
  const { redis, ledger, entries, failures } = await openLedger(t, 1);
  const [entry] = entries as [StreamEntry];
  const waiting = ledger.write(entry, begin(entry, 'a'));
  ledger.end();
  await assert.rejects(waiting, { code: 'ledger_ended' });
  assert.deepEqual(failures, []);
  assert.equal(await redis.exists(keys.ledger), 0);
});
