import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import type { WebPushSendResult } from '../channels/web-push/classify-push-answers.ts';
import type { Database } from '../db/database.ts';
import { PushSubscription } from '../db/entities.ts';
import { DatabaseError } from '../db/errors.ts';
import { createLog } from '../observability/log.ts';
import { readyMessage } from './ready-message.fixture.ts';
import type { ReadyMessage } from './ready-message.ts';
import { createWebPushLeg } from './web-push-leg.ts';

const BOOKED_AT = Date.UTC(2026, 0, 20, 9);
const HOUR_MS = 60 * 60 * 1000;
const failure = { code: 'web_push_403', message: 'no' };
const KEY_REFUSED: WebPushSendResult = { kind: 'key_refused', failure };
const GONE: WebPushSendResult = { kind: 'gone', failure: { code: 'web_push_410', message: 'gone' } };

/** A client with a device for each of the answers, and a message for them. */
async function setUp(t: TestContext, answers: WebPushSendResult[], passing: Partial<Database> = {}) {
  const database = await openTestDatabase(t);
  const { company_id, client_id: user_id } = await database.write(async (tx) => {
    const ids = await insertCompany(tx);
    for (const index of answers.keys())
      await tx.insert(PushSubscription, {
        ...{ company_id: ids.company_id, user_id: ids.client_id, endpoint: String(index) },
        ...{ p256dh: 'p', auth: 'a', vapid_key: 'v', created_at: new Date(BOOKED_AT) },
      });
    return ids;
  });
  const event = { id: 'e-1', type: 'booking_created', ts: BOOKED_AT / 1000 };
  let now = BOOKED_AT;
  const leg = createWebPushLeg({
    database: { ...database, ...passing },
    webPush: { send: async ({ endpoint }) => answers[Number(endpoint)] ?? GONE },
    clock: () => new Date(now),
    log: createLog('silent'),
  });
  return (afterMs = 0, isCurrent = () => true, changes: Partial<ReadyMessage> = {}) => {
    now = BOOKED_AT + afterMs;
    return leg.send(readyMessage({ person: { user_id, role: 'client' }, company_id, event, ...changes }), {
      number: 1,
      signal: new AbortController().signal,
      isCurrent,
      begin: async () => true,
      leave: () => undefined,
    });
  };
}

test('a message that was overtaken while its devices were looked up is not sent, and costs no attempt', async (t) => {
  const send = await setUp(t, [{ kind: 'accepted' }]);
  const outcome = await send(0, () => false);
  assert.deepEqual([outcome.kind, outcome.kind === 'deferred' && outcome.failure.code], ['deferred', 'overtaken']);
  assert.equal((await send()).kind, 'done');
});

test('a refused key waits a minute each time, and uses attempts once the event is six hours old', async (t) => {
  const send = await setUp(t, [KEY_REFUSED]);
  for (const age of [0, 6 * HOUR_MS - 1])
    assert.deepEqual(await send(age), { kind: 'deferred', failure, delayMs: 60_000 });
  assert.deepEqual(await send(6 * HOUR_MS), { kind: 'failed', failure: { ...failure, channel: 'web_push' } });
});

test('one device that takes it is enough, whatever the others say', async (t) => {
  const send = await setUp(t, [KEY_REFUSED, GONE, { kind: 'accepted' }]);
  const outcome = await send();
  assert.deepEqual(outcome.kind === 'done' && [outcome.receipt.status, outcome.receipt.channel], [
    'delivered',
    'web_push',
  ]);
});

test('what was sent stays sent when the devices that are gone cannot be deleted', async (t) => {
  const write = () => Promise.reject(new DatabaseError('database_busy', 'away'));
  const send = await setUp(t, [GONE, { kind: 'accepted' }], { write });
  assert.equal((await send()).kind, 'done');
});

test('nothing is sent and no attempt is used while the devices cannot be read', async (t) => {
  const read = () => {
    throw Object.assign(new Error('SQLITE_IOERR: disk I/O error'), { code: 'SQLITE_IOERR' });
  };
  const send = await setUp(t, [{ kind: 'accepted' }], { read });
  const outcome = await send();
  assert.equal(outcome.kind === 'deferred' && outcome.failure.code, 'database_away');
});

test('a message that has nothing for devices is not sent to any', async (t) => {
  const send = await setUp(t, [{ kind: 'accepted' }]);
  assert.deepEqual(await send(0, () => true, { toWebPush: () => null }), { kind: 'no_content' });
  const sendToNobody = await setUp(t, []);
  assert.equal((await sendToNobody(0, () => true, { toWebPush: () => null })).kind, 'no_device');
});
