import { createBatchedSelect } from './batched-select.ts';
import type { Database } from './database.ts';
import type { PushSubscription } from './entities.ts';
import type { Row } from './rows.ts';
import { changeRows } from './statement.ts';
import { type Lost, tellUnreachable } from './unreachable-facts.ts';

/** A row of `push_subscriptions` as sending needs it. */
export type PushDevice = Pick<Row<typeof PushSubscription>, 'id' | 'endpoint' | 'p256dh' | 'auth' | 'vapid_key'>;

interface DevicesAsk {
  company_id: number;
  user_id: number;
}

/** The plus keeps SQLite off the company's index: else it would read all its subscriptions. */
const DEVICES = `WITH asked (n, company_id, user_id) AS ({asked})
SELECT n, s.id, s.endpoint, s.p256dh, s.auth, s.vapid_key
FROM asked JOIN push_subscriptions s ON s.user_id = asked.user_id AND +s.company_id = asked.company_id
ORDER BY 1, 2`;

/** All devices of a user, those that subscribed first at the front. Questions of one tick share a statement. */
export function createDevicesReader(database: Database): (ask: DevicesAsk) => Promise<PushDevice[]> {
  return createBatchedSelect<DevicesAsk, PushDevice & { n: number }>({
    database,
    sql: DEVICES,
    columns: 2,
    valuesOf: ({ company_id, user_id }) => [company_id, user_id],
  });
}

const FORGET = 'DELETE FROM push_subscriptions WHERE id = ? AND endpoint = ?';

const MARK_UNREACHABLE = `UPDATE users SET web_push_unreachable = 'unsubscribed'
WHERE id = ? AND erased_at IS NULL AND web_push_unreachable IS NULL
  AND NOT EXISTS (SELECT 1 FROM push_subscriptions s WHERE s.user_id = users.id)
RETURNING id, company_id`;

/**
 * Deletes subscriptions of a user that have ended; one that was renewed under another endpoint meanwhile stays. A user who
 * has none left is marked, until they subscribe again.
 */
export async function forgetDevices(
  database: Database,
  userId: number,
  devices: readonly Pick<PushDevice, 'id' | 'endpoint'>[],
  now: Date,
): Promise<void> {
  await database.write(async (tx) => {
    for (const { id, endpoint } of devices) await changeRows(tx, FORGET, [id, endpoint]);
    const lost = await tx.execute<Lost[]>(MARK_UNREACHABLE, [userId]);
    await tellUnreachable(tx, lost, { channel: 'web_push', reason: 'unsubscribed', now });
  });
}
