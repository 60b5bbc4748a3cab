import { completeBroadcast, findBroadcast } from '../db/broadcasts.ts';
import type { Sql } from '../db/database.ts';
import { tellWebhooks } from '../db/webhook-messages.ts';
import { viewBroadcast } from './broadcast-view.ts';

/** Ends a running broadcast of whose chunks none is left, and tells the company's webhooks. False when it goes on. */
export async function complete(
  tx: Sql,
  id: number,
  { now, rates }: Parameters<typeof viewBroadcast>[2],
): Promise<boolean> {
  if (!(await completeBroadcast(tx, id, now))) return false;
  const broadcast = await findBroadcast(tx, id);
  // A test is a look by one person.
  if (!broadcast || broadcast.is_test) return true;
  const { company_id, audience_size, started_at, finished_at, progress } = await viewBroadcast(tx, broadcast, {
    now,
    rates,
  });
  const { sent, sent_by, failed, failed_by, suppressed, suppressed_by } = progress;
  const counts = { audience_size, sent, sent_by, failed, failed_by, suppressed, suppressed_by };
  const data = { broadcast_id: id, started_at, finished_at, ...counts };
  await tellWebhooks(tx, [{ company_id, type: 'broadcast.completed', at: now, data }], now);
  return true;
}
