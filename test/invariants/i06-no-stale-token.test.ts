import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { createLog } from '#src/observability/log.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { systemClock } from '#streams/clock.ts';
import { GROUP } from '#streams/keys.ts';
import { startEngineProcess } from '../support/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS, pendingCount } from '../support/partition.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import type { Send } from '../support/scripted-handler.ts';
import { createJournal } from './journal.ts';
import { addEvents, deadLetters, endLease, eventsOf, startOwner, untilQuiet } from './owner.ts';

/** Keeps every command that goes over the connection, as it can be said again. */
function recordCommands(redis: Redis): { name: string; args: string[] }[] {
  const said: { name: string; args: string[] }[] = [];
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, ...rest) => {
    said.push({ name: command.name, args: command.args.map(String) });
    return send(command, ...rest);
  };
  return said;
}

/** All that Redis holds. The lease has no end here, so a renewal would show. */
async function stateOf({ redis }: TestRedis): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = { leaseMs: await redis.pttl(KEYS.lease) };
  for (const key of (await redis.keys('*')).toSorted()) state[key] = (await redis.dumpBuffer(key)).toString('hex');
  state.pending = await redis
    .xpending(KEYS.stream, GROUP, '-', '+', 100_000)
    .then((items) => (items as [string, string, number, number][]).map(([id, , , count]) => [id, count]));
  return state;
}

test('I6: whatever an owner says to Redis does nothing once the lease is another’s', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const redis = connectRedis({ url: server.url, log: createLog('silent') });
  const said = recordCommands(redis);
  // Entries to take over, to read, to shelve and fetch again, to bury and to settle.
  await server.redis.xgroup('CREATE', KEYS.stream, GROUP, '0', 'MKSTREAM');
  await addEvents(server, [{ n: 1, to: ['left'] }]);
  await server.redis.xreadgroup('GROUP', GROUP, KEYS.consumer, 'COUNT', 1, 'STREAMS', KEYS.stream, '>');
  await addEvents(server, [
    { n: 2, to: ['bad'], fails: 9 },
    ...eventsOf(2500, 3, (n) => ({ to: [`a${n}`], tenant: 'big', sendTakesMs: 300 })),
  ]);
  const owner = startOwner(t, server, journal, { redis });
  await untilQuiet(server, 20_000);
  await sleep(1700); // for a renewal
  await owner.stop(AbortSignal.timeout(1000));

  const lines = [...new Map(said.map((command) => [JSON.stringify(command), command])).values()];
  const scripts = new Set(
    lines.flatMap(({ name, args: [script = ''] }) => {
      if (name === 'eval') return createHash('sha1').update(script).digest('hex');
      return name === 'evalsha' ? script : [];
    }),
  );
  assert.equal(
    scripts.size >= 9,
    true,
    `${scripts.size} scripts: acquire, renew, release, read, take over, fetch, forget the planning, commit, bury`,
  );

  // The same entries as in the commands, some read and some not, owned by another.
  await server.redis.flushdb();
  await server.redis.set(KEYS.lease, 'another');
  await server.redis.set(KEYS.epoch, 7);
  await server.redis.xgroup('CREATE', KEYS.stream, GROUP, '0', 'MKSTREAM');
  const ids = new Set(lines.flatMap(({ args }) => args.flatMap((arg) => arg.match(/\b\d{13}-\d+\b/g) ?? [])));
  const inOrder = [...ids].toSorted((a, b) => {
    const [[ms = 0, sequence = 0], [otherMs = 0, otherSequence = 0]] = [a, b].map((id) =>
      id.split('-').map(Number),
    ) as [number[], number[]];
    return ms - otherMs || sequence - otherSequence;
  });
  assert.equal(inOrder.length >= 2502, true);
  const refill = server.redis.pipeline();
  for (const id of inOrder) refill.xadd(KEYS.stream, id, 'event', '{}');
  for (const id of inOrder) refill.hset(KEYS.ledger, id, '[["somebody",1,"s",0]]');
  refill.set(KEYS.planning, 'the entries that another is planning');
  await refill.exec();
  await server.redis.xreadgroup('GROUP', GROUP, KEYS.consumer, 'COUNT', 2000, 'STREAMS', KEYS.stream, '>');
  const before = await stateOf(server);

  const stranger = server.connect();
  for (const { name, args } of lines) await stranger.call(name, ...args).catch(() => undefined);
  assert.deepEqual(await stateOf(server), before);
});

/** Stops an owner in the middle of its sends, and wakes it beside an heir that is in the middle of the same ones. */
async function wakeBesideHeir(t: TestContext, endOfLease: (server: TestRedis) => Promise<void>): Promise<void> {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const zombie = await startEngineProcess(t, server, { by: 'zombie', note: journal.note });
  const ofOwner = (name: string) => journal.sends().filter(({ by }) => by === name);
  // In the third attempt, after which it would bury, and in a first one, after which it would settle.
  await addEvents(server, [{ n: 1, to: ['bad'], sendTakesMs: 600, fails: 9 }]);
  await eventually(() => assert.equal(ofOwner('zombie').length, 3));
  await addEvents(server, [{ n: 2, to: ['good'], sendTakesMs: 600 }]);
  await eventually(() => assert.equal(ofOwner('zombie').length, 4));
  zombie.pause();
  await endOfLease(server);
  const heir = await startEngineProcess(t, server, { by: 'heir', note: journal.note });
  await eventually(() => assert.equal(ofOwner('heir').length, 2), 10_000);

  // Whatever happens while the heir is stopped, too, is the zombie's deed. The heir's own lease lasts.
  heir.pause();
  await addEvents(server, [{ n: 3, to: ['fresh'] }]);
  const wokenAt = performance.now();
  zombie.resume();
  while (performance.now() - wokenAt < 500) {
    assert.deepEqual(await deadLetters(server), [], 'it buried');
    assert.equal(await server.redis.xlen(KEYS.stream), 3, 'it settled');
    assert.equal(await pendingCount(server), 2, 'it read');
    await sleep(5);
  }
  heir.resume();
  await untilQuiet(server);
  assert.deepEqual(
    journal.sends().flatMap(({ n, by }) => (n === 3 ? by : [])),
    ['heir'],
  );
  assert.equal((await deadLetters(server)).length, 1);
  await zombie.kill();
  await heir.kill();
}

test('I6: a process that was stopped for longer than its lease changes nothing when it wakes', async (t) => {
  await wakeBesideHeir(t, async () => undefined);
});

test('I6: a process that stood still between the word of an attempt and the attempt does not begin it', async (t) => {
  const server = await startTestRedis(t);
  let skippedMs = 0;
  const clock = { ...systemClock, monotonicMs: () => performance.now() + skippedMs };
  const redis = connectRedis({ url: server.url, log: createLog('silent') });
  for (const name of ['eval', 'evalsha'] as const) {
    const run = redis[name].bind(redis) as (...args: unknown[]) => Promise<unknown>;
    Reflect.set(redis, name, async (...args: unknown[]) => {
      const answer = await run(...args);
      if (args.some((arg) => typeof arg === 'string' && arg.includes(',"s",'))) skippedMs = 60_000;
      return answer;
    });
  }
  const epochs: (string | null)[] = [];
  const send: Send = async (_event, attempt) => {
    epochs.push(`${await server.redis.get(KEYS.epoch)}: ${attempt}`);
    return { kind: 'done', receipt: 'delivered' };
  };
  startOwner(t, server, createJournal(), { redis, clock, send });
  await addEvents(server, [{ n: 1, to: ['a'] }]);
  await untilQuiet(server, 15_000);
  assert.deepEqual(epochs, ['2: 1'], 'in its next holding, as its first attempt');
});

test('I6: nor does one whose lease has passed on before its own clock says so', async (t) => {
  await wakeBesideHeir(t, endLease);
});
