import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createDeliveryMetrics } from './delivery-metrics.ts';

const BASE = { event_type: 'booking_created', channel: 'telegram', seconds: 1 };

async function reasonsOf(registry: Registry): Promise<string[]> {
  const text = await registry.getSingleMetricAsString('vestnik_deliveries_total');
  return [...text.matchAll(/reason="([^"]*)"/g)].map(([, reason = '']) => reason);
}

test('a reason becomes its code, and nothing that somebody else worded becomes a label', async () => {
  const registry = new Registry();
  const metrics = createDeliveryMetrics(registry);
  for (const reason of [null, 'telegram_400: Bad Request: Иван', 'unreachable:blocked,web_push_410', 'Иван', 'a b', ''])
    metrics.ended({ ...BASE, status: 'dead', reason });
  assert.deepEqual(await reasonsOf(registry), ['none', 'telegram_400', 'unreachable', 'other']);
});

test('there are never more than a hundred codes', async () => {
  const registry = new Registry();
  const metrics = createDeliveryMetrics(registry);
  for (let n = 0; n < 1_000; n += 1) metrics.ended({ ...BASE, status: 'dead', reason: `code_${n}: x` });
  const reasons = await reasonsOf(registry);
  assert.equal(reasons.length, 101);
  assert.equal(reasons.at(-1), 'other');
});

test('what is offered again has not ended: it is counted and not timed', async () => {
  const registry = new Registry();
  const metrics = createDeliveryMetrics(registry);
  metrics.ended({ ...BASE, status: 'returned', reason: 'paused' });
  const text = await registry.metrics();
  assert.match(text, /^vestnik_deliveries_total\{.*outcome="returned",reason="paused"\} 1$/m);
  assert.doesNotMatch(text, /^vestnik_delivery_duration_seconds_count/m);
});
