import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { startTestRedis } from '#test/support/redis.ts';
import { createDeadLetterKeeper } from './dead-letter-keeper.ts';
import { createDeadLetters, type DeadLetter } from './dead-letters.ts';
import { readEntry, WHOLE_ENTRY } from './entry.ts';
import { partitionKeys } from './keys.ts';

const keys = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });
const token = 'owner-1';
const failure = (code: string) => ({ code, message: 'no', channel: 'telegram' });

describe('dead letters', async () => {
  const { redis } = await startTestRedis();
  const burying = createDeadLetters({ redis, keys, token });
  const keeper = createDeadLetterKeeper({ redis, keys });
  beforeEach(async () => {
    await redis.flushall();
    await redis.set(keys.lease, token);
  });

  async function bury(fields: (string | Buffer)[], change: Partial<DeadLetter> = {}): Promise<void> {
    const id = (await redis.xadd(keys.stream, '*', ...fields)) ?? '';
    await burying.bury(readEntry(id, fields.map(String)), {
      recipient: 'user:1',
      attempts: 3,
      firstError: failure('first'),
      lastError: { code: 'last', message: 'no' },
      firstFailedAt: new Date('2026-11-23T10:00:00Z'),
      diedAt: new Date('2026-11-23T10:01:00Z'),
      ...change,
    });
    await redis.xdel(keys.stream, id);
  }
  const only = async () => {
    const [letter] = await keeper.list({ after: '', count: 1 });
    assert.ok(letter);
    return letter;
  };
  const waiting = async () => (await redis.xrange(keys.stream, '-', '+')).map(([id, flat]) => readEntry(id, flat));

  test('a dead letter tells all about its recipient', async () => {
    await bury(['event', '{"n":1}', 'key', '1:a']);
    const { id: _, ...letter } = await only();
    assert.deepEqual(letter, {
      event: '{"n":1}',
      raw: null,
      recipient: 'user:1',
      channel: 'telegram',
      attempts: 3,
      firstError: 'first: no',
      lastError: 'last: no',
      firstFailedAt: new Date('2026-11-23T10:00:00Z'),
      diedAt: new Date('2026-11-23T10:01:00Z'),
    });
  });

  test('a replay goes back for its recipient alone, without the key of its first life, and only once', async () => {
    await bury(['event', '{"n":1}', 'key', '1:a']);
    const { id } = await only();
    const replays = await Promise.all([keeper.replay([id]), keeper.replay([id]), keeper.replay([id, id])]);
    assert.deepEqual(replays.flat(), [id]);
    assert.deepEqual(await keeper.replay([id]), []);
    assert.equal(await keeper.count(), 0);
    const entries = await waiting();
    assert.deepEqual(
      entries.map(({ event, key, only, redelivered }) => ({ event, key, only, redelivered })),
      [{ event: '{"n":1}', key: null, only: 'user:1', redelivered: true }],
    );
  });

  test('an entry that died as a whole comes back with every field and byte it had', async () => {
    const bytes = Buffer.from([0, 255, 10, 34, 92, 200]);
    await bury(['event', bytes, 'odd', '"\\/é🙂\n', 'event', 'again', 'only', 'x', 'key', 'k'], {
      recipient: WHOLE_ENTRY,
    });
    const letter = await only();
    assert.equal(letter.raw?.odd, '"\\/é🙂\n');
    assert.equal(letter.raw?.event, 'again');
    assert.deepEqual(await keeper.replay([letter.id]), [letter.id]);
    const [entry] = await redis.xrangeBuffer(keys.stream, '-', '+');
    assert.deepEqual(
      entry?.[1].map((field) => field.toString('latin1')),
      ['redelivered', '1', 'only', 'x', 'event', bytes, 'odd', Buffer.from('"\\/é🙂\n'), 'event', 'again'].map(
        (field) => Buffer.from(field).toString('latin1'),
      ),
    );
  });

  test('an entry with more fields than Lua can pass on comes back with its event', async () => {
    const fields = Array.from({ length: 5_000 }, (_, n) => [`f${n}`, 'x']).flat();
    await bury(['event', 'nonsense', ...fields], { recipient: WHOLE_ENTRY });
    const { id } = await only();
    assert.deepEqual(await keeper.replay([id]), [id]);
    assert.equal((await waiting())[0]?.event, 'nonsense');
  });

  test('what was replayed for one recipient and dies as a whole is still theirs alone', async () => {
    await bury(['event', '{}', 'only', 'user:7'], { recipient: WHOLE_ENTRY });
    const { id, recipient } = await only();
    assert.equal(recipient, 'user:7');
    await keeper.replay([id]);
    assert.equal((await waiting())[0]?.only, 'user:7');
  });

  test('what is no letter can be seen and discarded, not replayed', async () => {
    for (const fields of [
      ['foo', 'bar'],
      ['event', '{}'],
      ['recipient', 'user:1'],
      ['event', '{}', 'recipient', 'user:1', 'raw', 'not json', 'attempts', '-1', 'died_at', 'never'],
      ['event', '{}', 'recipient', 'user:1', 'raw', '[1,{"a":[]},"only"]'],
      ['event', '{}', 'recipient', 'user:1', 'raw', '7'],
    ])
      await redis.xadd(keys.dead, '*', ...fields);
    const letters = await keeper.list({ after: '', count: 10 });
    assert.deepEqual(
      letters.map(({ recipient }) => recipient),
      [null, null, null, 'user:1', 'user:1', 'user:1'],
    );
    assert.deepEqual(letters[0]?.raw, { foo: 'bar' });
    assert.deepEqual([letters[3]?.raw, letters[3]?.attempts, letters[3]?.diedAt], [null, null, null]);
    const ids = letters.map(({ id }) => id);
    assert.deepEqual(await keeper.replay(ids), ids.slice(3));
    assert.deepEqual(
      (await waiting()).map(({ event }) => event),
      ['{}', '{}', '{}'],
    );
    assert.deepEqual(await keeper.discard(ids), ids.slice(0, 3));
    assert.equal(await redis.exists(keys.stream), 1);
    assert.equal(await keeper.count(), 0);
  });

  test('pages neither repeat nor skip', async () => {
    for (let n = 0; n < 7; n += 1) await bury(['event', `${n}`]);
    const seen: (string | null)[] = [];
    let after = '';
    for (;;) {
      const page = await keeper.list({ after, count: 3 });
      seen.push(...page.map(({ event }) => event));
      const last = page.at(-1);
      if (!last) break;
      after = last.id;
      await keeper.discard([last.id]);
    }
    assert.deepEqual(seen, ['0', '1', '2', '3', '4', '5', '6']);
  });

  test('nobody buries without the lease', async () => {
    await redis.set(keys.lease, 'another');
    await assert.rejects(bury(['event', '{}']), /FENCED/);
    assert.equal(await keeper.count(), 0);
  });
});
