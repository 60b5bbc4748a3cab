import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import type { BookingEvent } from '../domain/events.ts';
import { createDeliveryMetrics } from '../observability/delivery-metrics.ts';
import { createLog } from '../observability/log.ts';
import { NO_TRACER } from '../observability/tracer.ts';
import { createDeliveryWatch } from './delivery-watch.ts';
import type { Receipt } from './receipt.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const HOUR_S = 3_600;
const EVENT: BookingEvent = {
  ...{ id: 'e', type: 'booking_created', company_id: 1, booking_id: 7, ts: NOW.getTime() / 1000 - HOUR_S },
  initiated_by: { user_id: null, role: 'system', channel: 'api' },
};
const RECEIPT = { user_id: 7, role: 'client', channel: 'telegram', status: 'delivered', reason: null } as Receipt;
/** Two seconds ago. */
const ID = `${NOW.getTime() - 2_000}-0`;

/** How many ended, and the seconds that they took in all: the histogram's count and sum. */
async function measured(entry: { key: string | null; only: string | null }) {
  const registry = new Registry();
  const metrics = createDeliveryMetrics(registry);
  const watch = createDeliveryWatch({ metrics, tracer: NO_TRACER, clock: () => NOW, log: createLog('silent') });
  watch.ended(EVENT, { id: ID, ...entry }, { recipient: 'user:7', attempts: 1, receipt: RECEIPT });
  const text = await registry.metrics();
  const of = (name: string) => Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    ended: of('vestnik_deliveries_total'),
    timed: of('vestnik_delivery_duration_seconds_count'),
    seconds: of('vestnik_delivery_duration_seconds_sum'),
  };
}

test('a delivery took as long as its event is old', async () => {
  const seconds = HOUR_S - 0.999;
  assert.deepEqual(await measured({ key: '1:e', only: null }), { ended: 1, timed: 1, seconds });
});

test("an event that a caller posted counts from the stream on, whatever the caller's clock says", async () => {
  assert.deepEqual(await measured({ key: null, only: null }), { ended: 1, timed: 1, seconds: 2 });
});

test('a replay is counted, but tells nothing of how fast messages are', async () => {
  for (const key of ['1:e', null])
    assert.deepEqual(await measured({ key, only: 'user:7' }), { ended: 1, timed: 0, seconds: 0 });
});
