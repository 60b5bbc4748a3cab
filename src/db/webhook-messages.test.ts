import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import type { WebhookCall } from '../domain/webhooks.ts';
import type { Database } from './database.ts';
import { OutboxRow } from './event-entities.ts';
import { findRows } from './rows.ts';
import {
  disabledWithMessages,
  disableEndpoint,
  dueEndpoints,
  failMessagesOfDisabled,
  findCall,
  holdEndpoint,
  markDelivered,
  markFailed,
  offerDueMessages,
} from './webhook-calls.ts';
import { changeWebhookEndpoint, findWebhookEndpoint, insertWebhookEndpoint } from './webhook-endpoints.ts';
import { WebhookMessage } from './webhook-entities.ts';
import { deleteMessagesBefore, replayFailedSince, replayMessages } from './webhook-log.ts';
import { tellEndpoint, tellWebhooks, type WebhookFact } from './webhook-messages.ts';

const AT = new Date('2026-11-23T10:00:00.000Z');
const later = (ms: number): Date => new Date(AT.getTime() + ms);

async function openEndpoint(database: Database) {
  const { company_id } = await database.write(insertCompany);
  const event_types = ['delivery.sent' as const];
  const endpoint = await database.write((tx) =>
    insertWebhookEndpoint(tx, { company_id, url: 'https://a.example', event_types, secret: 's', created_at: AT }),
  );
  const fact = (once: string): WebhookFact => ({ company_id, type: 'delivery.sent', at: AT, data: { once }, once });
  const calls = async (): Promise<WebhookCall[]> =>
    (await findRows(database.read(), OutboxRow, { lane: 'webhooks' }, { orderBy: { id: 'asc' } })).map(({ event }) =>
      JSON.parse(event),
    );
  const rows = () =>
    findRows(database.read(), WebhookMessage, {}, { orderBy: { id: 'asc' }, disableIdentityMap: true });
  return { company_id, endpoint, fact, calls, rows };
}

describeOnEachDatabase('webhook messages', ({ open }) => {
  test('are made once for each fact and endpoint that asked for it, with a call in the outbox', async (t) => {
    const database = await open(t);
    const { company_id, endpoint, fact, calls, rows } = await openEndpoint(database);
    const other: WebhookFact = { company_id, type: 'user.unreachable', at: AT, data: {} };
    const foreign: WebhookFact = { ...fact('a'), company_id: company_id + 1 };
    const tell = (facts: WebhookFact[]) => database.write((tx) => tellWebhooks(tx, facts, AT));
    assert.equal(await tell([fact('a'), fact('b'), other, foreign]), 2);
    assert.equal(await tell([fact('b'), fact('c')]), 1);
    const made = await rows();
    assert.deepEqual(
      made.map(({ payload }) => JSON.parse(payload).data.once),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      (await calls()).map(({ id, endpoint_id, offer }) => [id, endpoint_id, offer]),
      made.map(({ public_id }) => [public_id, endpoint.id, 1]),
    );
  });

  test('of a failing endpoint wait, and one at a time is offered when its hold is over', async (t) => {
    const database = await open(t);
    const { endpoint, fact, calls, rows } = await openEndpoint(database);
    const failing = { failures: 1, failingSince: AT, heldUntil: later(5_000), error: 'http_500' };
    await database.write((tx) => holdEndpoint(tx, endpoint.id, failing));
    await database.write((tx) => tellWebhooks(tx, [fact('a'), fact('b')], AT));
    assert.deepEqual(await calls(), []);
    assert.deepEqual(await dueEndpoints(database.read(), later(4_999)), []);
    const [due] = await dueEndpoints(database.read(), later(5_000));
    assert.deepEqual([due?.id, due?.room], [endpoint.id, 1]);
    const offer = () => database.write((tx) => offerDueMessages(tx, endpoint, { now: later(5_000), most: 1 }));
    assert.equal(await offer(), 1);
    assert.deepEqual(await dueEndpoints(database.read(), later(9_000)), []);

    const [call] = await calls();
    assert.ok(call);
    assert.equal((await findCall(database.read(), call, AT))?.url, 'https://a.example');
    const delivered = { endpointId: endpoint.id, status: 204, now: later(6_000) };
    await database.write((tx) => markDelivered(tx, call, delivered));
    assert.equal(await findCall(database.read(), call, AT), null);
    assert.equal((await dueEndpoints(database.read(), later(9_000)))[0]?.room, 1_000);
    assert.deepEqual(
      (await rows()).map(({ status, attempts }) => [status, attempts]),
      [
        ['delivered', 1],
        ['pending', 0],
      ],
    );
  });

  test('take note of an attempt once, however often it is told of', async (t) => {
    const database = await open(t);
    const { endpoint, fact, calls, rows } = await openEndpoint(database);
    await database.write((tx) => tellWebhooks(tx, [fact('a')], AT));
    const [call] = await calls();
    assert.ok(call);
    const failure = { status: 500, error: 'http_500', nextAttemptAt: later(5_000) };
    const fail = () => database.write((tx) => markFailed(tx, call, failure));
    await fail();
    await fail();
    await database.write((tx) => offerDueMessages(tx, endpoint, { now: later(5_000), most: 10 }));
    await fail();
    const [row] = await rows();
    assert.deepEqual([row?.attempts, row?.offers, row?.next_attempt_at], [1, 2, null]);
  });

  test('of a disabled endpoint fail, and are replayed by id or by time', async (t) => {
    const database = await open(t);
    const { endpoint, fact, rows } = await openEndpoint(database);
    await database.write((tx) => tellWebhooks(tx, ['a', 'b', 'c'].map(fact), AT));
    assert.deepEqual(await disabledWithMessages(database.read()), []);
    assert.equal(await database.write((tx) => failMessagesOfDisabled(tx, endpoint.id, 2)), 0);
    await database.write((tx) => disableEndpoint(tx, endpoint.id, { reason: 'gone', now: AT }));
    assert.deepEqual(await disabledWithMessages(database.read()), [endpoint.id]);
    assert.equal(await database.write((tx) => failMessagesOfDisabled(tx, endpoint.id, 2)), 2);
    assert.equal(await database.write((tx) => failMessagesOfDisabled(tx, endpoint.id, 2)), 1);
    assert.deepEqual(await disabledWithMessages(database.read()), []);
    assert.equal(await database.write((tx) => tellWebhooks(tx, [fact('d')], AT)), 0);
    assert.equal(await database.write((tx) => tellEndpoint(tx, endpoint.id, fact('d'), AT)), null);

    const before = await findWebhookEndpoint(database.read(), endpoint.id);
    assert.ok(before);
    assert.equal(before.disabled_reason, 'gone');
    await database.write((tx) => changeWebhookEndpoint(tx, before, { enabled: true }, AT));
    const [first] = await rows();
    const ids = [first?.public_id ?? '', 'msg_none'];
    assert.deepEqual(await database.write((tx) => replayMessages(tx, endpoint.id, { ids, now: AT })), {
      ...{ replayed: 1, missing: ['msg_none'] },
    });
    const since = (at: Date) =>
      database.write((tx) => replayFailedSince(tx, endpoint.id, { since: at, most: 10, now: AT }));
    assert.deepEqual([await since(later(1)), await since(AT), await since(AT)], [0, 2, 0]);
    assert.equal(await database.write((tx) => offerDueMessages(tx, endpoint, { now: AT, most: 10 })), 3);
  });

  test('that have ended are deleted when they are old', async (t) => {
    const database = await open(t);
    const { endpoint, fact, calls, rows } = await openEndpoint(database);
    await database.write((tx) => tellWebhooks(tx, [fact('a'), fact('b')], AT));
    const [call] = await calls();
    assert.ok(call);
    await database.write((tx) => markDelivered(tx, call, { endpointId: endpoint.id, status: 200, now: AT }));
    assert.deepEqual([await deleteMessagesBefore(database, AT, 10), (await rows()).length], [0, 2]);
    assert.deepEqual([await deleteMessagesBefore(database, later(1), 10), (await rows()).length], [1, 1]);
  });
});
