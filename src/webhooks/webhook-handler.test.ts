import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { StreamEntry } from '#streams/entry.ts';
import { openTestDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { endHold, findWebhookEndpoint, insertWebhookEndpoint } from '../db/webhook-endpoints.ts';
import { tellEndpoint } from '../db/webhook-messages.ts';
import type { WebhookCall } from '../domain/webhooks.ts';
import { createLog } from '../observability/log.ts';
import type { WebhookAnswer } from './webhook-caller.ts';
import { createWebhookHandler } from './webhook-handler.ts';
import { createWebhookRecorder } from './webhook-recorder.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const NEVER = new AbortController().signal;
const REFUSED: WebhookAnswer = { kind: 'refused', status: 500, error: 'http_500', retryAfterMs: null };

/** An endpoint whose calls are answered so, and what the engine does with its messages. */
async function open(t: TestContext, answer: WebhookAnswer) {
  const database = await openTestDatabase(t);
  const { company_id } = await database.write(insertCompany);
  const { id: endpoint_id } = await database.write((tx) =>
    insertWebhookEndpoint(tx, {
      ...{
        company_id,
        url: 'https://a.example',
        event_types: ['delivery.sent'],
        secret: 'whsec_AAAA',
        created_at: NOW,
      },
    }),
  );
  let calls = 0;
  const caller = {
    async call() {
      calls += 1;
      return answer;
    },
  };
  const clock = () => NOW;
  const metrics = { attempted: () => undefined };
  const recorder = createWebhookRecorder({
    ...{ database, clock, random: () => 0, metrics, deadline: NEVER, log: createLog('silent') },
  });
  const handler = createWebhookHandler({ database, caller, recorder, clock });

  async function entryOf(): Promise<StreamEntry> {
    const fact = { company_id, type: 'webhook.test', at: NOW, data: {} } as const;
    const id = await database.write((tx) => tellEndpoint(tx, endpoint_id, fact, NOW));
    assert.ok(id);
    const call: WebhookCall = { id, type: 'webhook', company_id, endpoint_id, offer: 1, ts: 0 };
    return { id: '1-0', event: JSON.stringify(call), key: null, redelivered: false, only: null, records: [] };
  }
  async function deliver(entry: StreamEntry) {
    const plan = await handler.plan(entry);
    const [delivery] = plan.kind === 'deliver' ? plan.deliveries : [];
    assert.ok(delivery);
    const begin = async () => true;
    const attempt = { number: 1, signal: NEVER, isCurrent: () => true, begin, leave: () => undefined };
    const outcome = await delivery.deliver(attempt);
    assert.equal(outcome.kind, 'done');
    return outcome.receipt;
  }
  return { database, endpoint_id, handler, entryOf, deliver, calls: () => calls };
}

test('a failure keeps others back before it stands in the database, and not once its hold has been ended', async (t) => {
  const { database, endpoint_id, handler, entryOf, deliver, calls } = await open(t, REFUSED);
  const [first, second] = [await entryOf(), await entryOf()];
  const receipt = await deliver(first);
  assert.deepEqual([receipt.kind, (await deliver(second)).kind, calls()], ['refused', 'put_off', 1]);

  await handler.record(first, [{ recipient: 'first', attempts: 1, receipt }], true);
  assert.notEqual((await findWebhookEndpoint(database.read(), endpoint_id))?.held_until, null);
  assert.deepEqual([(await deliver(second)).kind, calls()], ['put_off', 1]);

  await database.write((tx) => endHold(tx, endpoint_id, NOW));
  assert.deepEqual([(await deliver(second)).kind, calls()], ['refused', 2]);
});
