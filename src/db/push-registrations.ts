import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import { changeRows } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** Who may be reached in a browser, and how that was agreed. */
export interface PushRegistrationRow {
  company_id: number;
  user_id: number;
  endpoint: string;
  p256dh: string;
  auth: string;
  /** The VAPID public key that it was made with. */
  vapid_key: string;
}

const FIND = 'SELECT user_id FROM push_subscriptions WHERE endpoint = ?';

/** One that comes back to its user keeps its age; under another user it begins anew. */
const SAVE = `INSERT INTO push_subscriptions (company_id, user_id, endpoint, p256dh, auth, vapid_key, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (endpoint) DO UPDATE SET
  company_id = excluded.company_id, user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth,
  vapid_key = excluded.vapid_key,
  created_at = CASE WHEN push_subscriptions.user_id = excluded.user_id
    THEN push_subscriptions.created_at ELSE excluded.created_at END
RETURNING id, created_at`;

const DROP_OLDEST = `DELETE FROM push_subscriptions WHERE user_id = ? AND id NOT IN (
  SELECT id FROM push_subscriptions WHERE user_id = ? ORDER BY id = ? DESC, created_at DESC, id DESC LIMIT ?
)`;

const REACHABLE = 'UPDATE users SET web_push_unreachable = NULL WHERE id = ? AND web_push_unreachable IS NOT NULL';

/**
 * Stores the device, or brings the one with this endpoint up to date, wherever it belonged before. Of more than
 * `maxDevices` the oldest go, never this one. Its user can be reached again.
 */
export async function saveDevice(
  tx: SqlEntityManager,
  { company_id, user_id, endpoint, p256dh, auth, vapid_key }: PushRegistrationRow,
  { now, maxDevices }: { now: Date; maxDevices: number },
): Promise<{ id: number; created_at: Date; isNew: boolean }> {
  const [before] = await tx.execute<{ user_id: number }[]>(FIND, [endpoint]);
  const values = [company_id, user_id, endpoint, p256dh, auth, vapid_key, now];
  const [saved] = await tx.execute<{ id: number; created_at: StoredDate }[]>(SAVE, values);
  if (!saved) throw new Error('INSERT … RETURNING gave no row');
  await changeRows(tx, DROP_OLDEST, [user_id, user_id, saved.id, maxDevices]);
  await changeRows(tx, REACHABLE, [user_id]);
  return { id: saved.id, created_at: dateOf(saved.created_at), isNew: before?.user_id !== user_id };
}

/** Only where it is the user's own. */
export async function removeDevice(tx: SqlEntityManager, user_id: number, endpoint: string): Promise<void> {
  await changeRows(tx, 'DELETE FROM push_subscriptions WHERE endpoint = ? AND user_id = ?', [endpoint, user_id]);
}
