import type { DeliveryRecord } from '../db/deliveries.ts';
import type { WebhookFact } from '../db/webhook-messages.ts';

/**
 * What webhooks tell of deliveries: those of booking messages and of specialists' days, each person and event once. Of a broadcast only its end is told:
 * a million people would be a million calls.
 */
export function deliveryFacts(rows: readonly DeliveryRecord[]): WebhookFact[] {
  return rows.flatMap(({ status, reason, company_id, event_id, finished_at, ...row }): WebhookFact[] => {
    if (row.event_type === 'broadcast' || status === 'suppressed') return [];
    const { event_type, booking_id, user_id, role, channel, attempts, merged_versions = null } = row;
    const data = { event_id, event_type, booking_id, user_id, role, channel, attempts, merged_versions };
    const fact = { company_id, at: finished_at, once: `${event_id}:${user_id}` };
    if (status === 'delivered') return [{ ...fact, type: 'delivery.sent', data }];
    // What the provider said stays here: it may name somebody.
    return [{ ...fact, type: 'delivery.failed', data: { ...data, reason: reason?.split(':', 1)[0] ?? null } }];
  });
}
