import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allowHosts } from '#src/channels/web-push/allowed-hosts.ts';
import { generateVapidKeys } from '#src/channels/web-push/vapid-keys.ts';
import { createWebPushChannel } from '#src/channels/web-push/web-push-channel.ts';
import type { Database } from '#src/db/database.ts';
import { readyMessage } from '#src/dispatch/ready-message.fixture.ts';
import { createWebPushLeg } from '#src/dispatch/web-push-leg.ts';
import { createLog } from '#src/observability/log.ts';
import { openTestDatabase } from './support/database.ts';
import { onDatasync } from './support/disk.ts';
import {
  devicesOf,
  hasLostAll,
  insertUsers,
  numbersBelow,
  startHonestPushService,
  userIdOf,
  usersWithLost,
} from './support/lost-devices.ts';
import { insertCompany } from './support/rows.ts';

/** The full 100,000 take a minute, nearly all of it the requests and the service that answers them. */
const LOST = Number(process.env.DEAD_SUBSCRIPTIONS ?? 10_000);
const TIMEOUT_MS = 60_000 + 3 * LOST;
const USERS = usersWithLost(LOST);
/** They have lost devices too, but nobody writes to them. */
const BYSTANDERS = 10;
/** As many as an engine may work on at a time. */
const MESSAGES_AT_ONCE = 200;
const MAX_CONNECTIONS = 32;
/** The service and the test in the same process included. Ten times as many subscriptions must fit as well. */
const MAX_GROWTH_BYTES = 250 * 2 ** 20;
const DISK_MS = 10;
const BOOKED_AT = new Date('2026-01-20T09:00:00.000Z');
const SILENT = createLog('silent');

/** Counts the works and the transactions that they shared: what one commit settles comes back in one turn of the loop. */
function countingWrites(database: Database) {
  const writes = { works: 0, commits: 0 };
  let isNewTurn = true;
  const write: Database['write'] = async (work) => {
    const value = await database.write(work);
    writes.works += 1;
    if (isNewTurn) {
      writes.commits += 1;
      isNewTurn = false;
      setImmediate(() => {
        isNewTurn = true;
      });
    }
    return value;
  };
  return { database: { ...database, write }, writes };
}

/** The most that the process has grown by, in bytes. */
function watchMemory(t: TestContext): () => number {
  const before = process.memoryUsage.rss();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() - before);
  }, 20);
  t.after(() => clearInterval(timer));
  return () => most;
}

/** The real leg, channel and database, with a message for each user. */
async function setUp(t: TestContext) {
  const vapid = { ...generateVapidKeys(), subject: 'mailto:admin@salon.example' };
  const push = await startHonestPushService(t);
  const opened = await openTestDatabase(t);
  const { company_id } = await opened.write(insertCompany);
  await insertUsers(opened, USERS + BYSTANDERS, { company_id, host: push.host, vapid_key: vapid.publicKey });
  const { database, writes } = countingWrites(opened);
  const channel = createWebPushChannel({
    ...{ vapid, allowedHosts: allowHosts([push.host]), ca: push.ca, clock: () => new Date(), log: SILENT },
  });
  t.after(() => channel.stop());
  const leg = createWebPushLeg({ database, webPush: channel, clock: () => BOOKED_AT, log: SILENT });

  /** As the engine does: what was put off is tried again. */
  async function deliver(user: number): Promise<string> {
    for (;;) {
      const { signal } = new AbortController();
      const person = { user_id: userIdOf(user), role: 'client' } as const;
      const outcome = await leg.send(readyMessage({ person, company_id }), {
        number: 1,
        signal,
        isCurrent: () => true,
        begin: async () => true,
        leave: () => undefined,
      });
      if (outcome.kind !== 'deferred') return outcome.kind;
      await sleep(outcome.delayMs);
    }
  }
  return { push, database: opened, writes, deliver };
}

async function deliverToAll(deliver: (user: number) => Promise<string>): Promise<string[]> {
  const users = numbersBelow(USERS).values();
  const outcomes: string[] = [];
  const worker = async () => {
    for (const user of users) outcomes[user] = await deliver(user);
  };
  await Promise.all(numbersBelow(MESSAGES_AT_ONCE).map(worker));
  return outcomes;
}

async function assertOnlyLostAreGone(database: Database, host: string): Promise<void> {
  const kept = numbersBelow(USERS + BYSTANDERS).flatMap((user) =>
    devicesOf(host, user).flatMap(({ isLost, endpoint }) => (isLost && user < USERS ? [] : [endpoint])),
  );
  const rows = await database.read().execute<{ endpoint: string }[]>('SELECT endpoint FROM push_subscriptions');
  assert.deepEqual(rows.map(({ endpoint }) => endpoint).sort(), kept.sort());
  const marked = await database
    .read()
    .execute<{ id: number }[]>("SELECT id FROM users WHERE web_push_unreachable = 'unsubscribed' ORDER BY id");
  assert.deepEqual(
    marked.map(({ id }) => id),
    numbersBelow(USERS).filter(hasLostAll).map(userIdOf),
  );
}

test(`${LOST} dead subscriptions at once are deleted, and no others`, { timeout: TIMEOUT_MS }, async (t) => {
  const { push, database, writes, deliver } = await setUp(t);
  const { seen } = push;
  // How many deletions share a commit depends on the disk: a fast one is done before many have come.
  await onDatasync(t, (datasync) => sleep(DISK_MS).then(datasync));
  const growth = watchMemory(t);
  const startedAt = performance.now();
  const outcomes = await deliverToAll(deliver);
  const seconds = (performance.now() - startedAt) / 1000;
  const grown = growth();
  t.diagnostic(`${seen.requests} requests in ${seconds.toFixed(1)} s, over ${seen.connections} connections`);
  t.diagnostic(
    `${writes.works} deletions in ${writes.commits} commits; ${(grown / 2 ** 20).toFixed(0)} MiB more memory`,
  );
  t.diagnostic('DEAD_SUBSCRIPTIONS=100000 for the full number');

  assert.deepEqual(
    outcomes,
    numbersBelow(USERS).map((user) => (hasLostAll(user) ? 'no_device' : 'done')),
  );
  await assertOnlyLostAreGone(database, push.host);
  assert.ok(seen.connectionsAtOnce <= MAX_CONNECTIONS, `${seen.connectionsAtOnce} connections`);
  assert.ok(grown <= MAX_GROWTH_BYTES, `${grown} bytes`);
  assert.ok(writes.commits <= writes.works / 4, `${writes.commits} commits for ${writes.works} deletions`);
});
