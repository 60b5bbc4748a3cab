import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import type { Database } from './database.ts';
import { findRows } from './rows.ts';
import { dueEndpoints, findCall, holdEndpoint, markFailed, offerDueMessages } from './webhook-calls.ts';
import {
  changeWebhookEndpoint,
  endHold,
  findWebhookEndpoint,
  insertWebhookEndpoint,
  rotateWebhookSecret,
  type StoredWebhookEndpoint,
} from './webhook-endpoints.ts';
import { WebhookMessage } from './webhook-entities.ts';
import { tellEndpoint } from './webhook-messages.ts';

const AT = new Date('2026-11-23T10:00:00.000Z');
const HOUR_MS = 3_600_000;
const later = (ms: number): Date => new Date(AT.getTime() + ms);

async function open(database: Database) {
  const { company_id } = await database.write(insertCompany);
  const endpoint = await database.write((tx) =>
    insertWebhookEndpoint(tx, {
      ...{ company_id, url: 'https://a.example', event_types: ['delivery.sent'], secret: 'first', created_at: AT },
    }),
  );
  const tell = () =>
    database.write((tx) => tellEndpoint(tx, endpoint.id, { company_id, type: 'delivery.sent', at: AT, data: {} }, AT));
  const id = await tell();
  assert.ok(id);
  return { endpoint, tell, call: { id, offer: 1 } };
}

/** The endpoint as it stands. */
async function stored(database: Database, id: number): Promise<StoredWebhookEndpoint> {
  const endpoint = await findWebhookEndpoint(database.read(), id);
  assert.ok(endpoint);
  return endpoint;
}

describeOnEachDatabase('webhook endpoints', (databases) => {
  const mends: [string, (database: Database, endpoint: StoredWebhookEndpoint) => Promise<unknown>, room: number][] = [
    ['a replay', (database, { id }) => database.write((tx) => endHold(tx, id, AT)), 1],
    [
      'a new address',
      (database, endpoint) =>
        database.write((tx) => changeWebhookEndpoint(tx, endpoint, { url: 'https://b.example' }, AT)),
      1_000,
    ],
  ];
  for (const [what, mend, room] of mends)
    test(`${what} lets all that waits for a held endpoint go at once`, async (t) => {
      const database = await databases.open(t);
      const { endpoint, tell, call } = await open(database);
      const failure = { status: 500, error: 'http_500', nextAttemptAt: later(2 * HOUR_MS) };
      await database.write((tx) => markFailed(tx, call, failure));
      const failing = { failures: 7, failingSince: AT, heldUntil: later(10 * HOUR_MS), error: 'http_500' };
      await database.write((tx) => holdEndpoint(tx, endpoint.id, failing));
      await tell();
      assert.deepEqual(await dueEndpoints(database.read(), later(9 * HOUR_MS)), []);

      await mend(database, await stored(database, endpoint.id));
      const [due] = await dueEndpoints(database.read(), AT);
      assert.deepEqual([due?.id, due?.room], [endpoint.id, room]);
      assert.equal(await database.write((tx) => offerDueMessages(tx, endpoint, { now: AT, most: 10 })), 2);
    });

  test('a hold that ends leaves behind what failed itself, until its own time', async (t) => {
    const database = await databases.open(t);
    const { endpoint, tell, call } = await open(database);
    const failing = { failures: 1, failingSince: AT, heldUntil: later(5_000), error: 'http_500' };
    await database.write((tx) => holdEndpoint(tx, endpoint.id, failing));
    await database.write((tx) => markFailed(tx, call, { status: 500, error: 'x', nextAttemptAt: later(60_000) }));
    const waiting = await tell();
    await database.write((tx) => offerDueMessages(tx, endpoint, { now: later(5_000), most: 10 }));
    const onTheirWay = await findRows(database.read(), WebhookMessage, { next_attempt_at: null });
    assert.deepEqual(
      onTheirWay.map(({ public_id }) => public_id),
      [waiting],
    );
  });

  test('a secret rotated twice within its day leaves the one that the receiver knows', async (t) => {
    const database = await databases.open(t);
    const { endpoint, call } = await open(database);
    const rotate = (secret: string, now: Date) =>
      database.write((tx) =>
        rotateWebhookSecret(tx, endpoint.id, { secret, oldUntil: new Date(now.getTime() + 24 * HOUR_MS), now }),
      );
    const secretsAt = async (now: Date) => (await findCall(database.read(), call, now))?.secrets;
    await rotate('second', AT);
    await rotate('third', later(HOUR_MS));
    assert.deepEqual(await secretsAt(later(HOUR_MS)), ['third', 'first']);
    assert.deepEqual(await secretsAt(later(24 * HOUR_MS)), ['third']);
    await rotate('fourth', later(24 * HOUR_MS));
    assert.deepEqual(await secretsAt(later(25 * HOUR_MS)), ['fourth', 'third']);
  });
});
