import assert from 'node:assert/strict';
import { once, setMaxListeners } from 'node:events';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { connectRedis } from '#src/redis/connection.ts';
import type { StreamEntry } from '#streams/entry.ts';
import { eventually } from './support/eventually.ts';
import { add, KEYS, type Script, startPartition, testHandler } from './support/partition.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';

const log = pino({ level: 'silent' });

/** An owner that can die in the middle of everything: its connection goes, and nothing of it reaches Redis any more. */
function startMortal(
  t: TestContext,
  server: TestRedis,
  script: (die: () => void) => Script,
  isFatalToPlan: (entry: StreamEntry) => boolean = () => false,
) {
  const redis = connectRedis({ url: server.url, log });
  const buried = new AbortController();
  setMaxListeners(0, buried.signal);
  /** What a dead process would still have done. */
  const never = () => once(buried.signal, 'abort').then(() => Promise.reject(new Error('dead')));
  const died = new AbortController();
  function die(): void {
    died.abort();
    redis.disconnect();
  }
  const mortal = script(die);
  const handler = testHandler(async (attempt, event, signal) => {
    const outcome = died.signal.aborted ? null : await mortal(attempt, event, signal);
    return died.signal.aborted || outcome === null ? await never() : outcome;
  });
  const { plan, record } = handler;
  handler.plan = async (entry) => {
    if (isFatalToPlan(entry)) die();
    return died.signal.aborted ? await never() : await plan(entry);
  };
  handler.record = (...args) => (died.signal.aborted ? never() : record(...args));
  t.after(() => buried.abort());
  startPartition(t, server, handler, { redis, backoffMs: 10, stopMs: 100 });
  return { handler, died: once(died.signal, 'abort') };
}

test('a message whose planning kills its process is buried after three deaths, and no bystander dies with it', async (t) => {
  const server = await startTestRedis(t);
  const bystanders = Array.from({ length: 20 }, (_, n) => ({ n: n + 1, to: [`b${n}`] }));
  await add(server, ...bystanders.slice(0, 10), { n: 0, to: ['poison'] }, ...bystanders.slice(10));
  const ok: Script = async () => ({ kind: 'done', receipt: 'ok' });
  const delivered: string[] = [];
  let deaths = 0;
  for (let life = 0; life < 6; life += 1) {
    const owner = startMortal(
      t,
      server,
      () => ok,
      (entry) => entry.event.includes('poison'),
    );
    const quiet = eventually(async () => assert.equal(await server.redis.xlen(KEYS.stream), 0), 3000).then(
      () => 'quiet',
    );
    const end = await Promise.race([owner.died, quiet]);
    delivered.push(...owner.handler.results.map(({ recipient }) => recipient));
    if (end === 'quiet') break;
    quiet.catch(() => undefined);
    deaths += 1;
    await server.redis.del(KEYS.lease);
  }
  assert.equal(deaths, 3);
  assert.deepEqual(delivered.toSorted(), bystanders.map(({ to }) => to[0] ?? '').toSorted());
  const dead = (await server.redis.xrange(KEYS.dead, '-', '+')).map(([, fields]) => fields);
  assert.equal(dead.length, 1);
  assert.equal(dead[0]?.[dead[0].indexOf('event') + 1]?.includes('poison'), true);
  assert.equal(dead[0]?.[dead[0].indexOf('recipient') + 1], '*');
  await eventually(async () => assert.equal(await server.redis.exists(KEYS.ledger, KEYS.planning), 0));
});
