import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { insertCompany } from '#test/support/rows.ts';
import { logDeliveries } from './db/deliveries.ts';
import { User } from './db/entities.ts';
import { Delivery } from './db/event-entities.ts';
import { deleteWebhookEndpoint, insertWebhookEndpoint } from './db/webhook-endpoints.ts';
import { WebhookEndpoint, WebhookMessage } from './db/webhook-entities.ts';
import { tellEndpoint } from './db/webhook-messages.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createLog } from './observability/log.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);
const END = {
  channel: 'telegram',
  status: 'delivered',
  reason: null,
  attempts: 1,
  chat_id: 42,
  message_id: 5,
} as const;

for (const [deliveryLogDays, left] of [
  [30, ['young']],
  [0, ['old', 'young']],
] as const)
  test(`with DELIVERY_LOG_DAYS=${deliveryLogDays} the log keeps ${left.join(' and ')}, and erasures are finished`, async (t) => {
    const database = await openTestDatabase(t);
    const { company_id, specialist_id: user_id } = await database.write(insertCompany);
    const row = { company_id, event_type: 'booking_created', booking_id: 1, user_id, role: 'specialist', ...END };
    await database.write(async (tx) => {
      await logDeliveries(tx, [
        { ...row, event_id: 'old', finished_at: daysAgo(31) },
        { ...row, event_id: 'young', finished_at: daysAgo(29) },
      ]);
      await tx.nativeUpdate(User, { id: user_id }, { erased_at: daysAgo(1) });
    });
    const housekeeping = createHousekeeping({ database, deliveryLogDays, clock: () => NOW, log: createLog('silent') });
    housekeeping.start();
    t.after(() => housekeeping.stop());
    await eventually(async () => {
      const rows = await database.read().find(Delivery, {}, { orderBy: { id: 'asc' } });
      assert.deepEqual(
        rows.map(({ event_id, chat_id }) => [event_id, chat_id]),
        left.map((event_id) => [event_id, null]),
      );
    });
    await housekeeping.stop();
  });

test('a deleted webhook endpoint goes with its messages, also where the log keeps everything', async (t) => {
  const database = await openTestDatabase(t);
  const { company_id } = await database.write(insertCompany);
  const row = { company_id, url: 'https://a.example', event_types: [], secret: 'whsec_', created_at: NOW };
  await database.write(async (tx) => {
    const { id } = await insertWebhookEndpoint(tx, row);
    await tellEndpoint(tx, id, { company_id, type: 'webhook.test', at: NOW, data: {} }, NOW);
    await deleteWebhookEndpoint(tx, id, NOW);
  });
  const left = async () => [await database.read().count(WebhookEndpoint), await database.read().count(WebhookMessage)];
  assert.deepEqual(await left(), [1, 1]);
  const housekeeping = createHousekeeping({ database, deliveryLogDays: 0, clock: () => NOW, log: createLog('silent') });
  housekeeping.start();
  t.after(() => housekeeping.stop());
  await eventually(async () => assert.deepEqual(await left(), [0, 0]));
});
