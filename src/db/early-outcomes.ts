import { EARLY } from '../domain/reminder-offsets.ts';
import { createBatchedSelect } from './batched-select.ts';
import type { Database } from './database.ts';

/**
 * Of the present start. What the outbox holds is on its way; what is neither there nor in the log as delivered died, was suppressed, or
 * is no longer kept. One statement, for the log is written with the commit that empties the outbox.
 */
const UNHEARD = `WITH asked (n, company_id, booking_id, user_id) AS ({asked})
SELECT n, r.offset_key AS "key"
FROM asked JOIN bookings b ON b.id = asked.booking_id AND b.company_id = asked.company_id
JOIN reminders r ON r.booking_id = b.id AND r.version = b.start_version
WHERE r.state = 'emitted' AND r.offset_key LIKE '%${EARLY}' || CAST(user_id AS TEXT)
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.company_id = b.company_id AND o.event_id = r.event_id)
  AND NOT EXISTS (
    SELECT 1 FROM deliveries d
    WHERE d.company_id = b.company_id AND d.event_id = r.event_id AND d.user_id = asked.user_id AND d.status = 'delivered'
  )`;

interface EarlyAsk {
  company_id: number;
  booking_id: number;
  user_id: number;
}

/** The keys of those early reminders that went to somebody and did not reach them. Questions of one tick share a statement. */
export function createUnheardReader(database: Pick<Database, 'read'>): (ask: EarlyAsk) => Promise<string[]> {
  const rowsOf = createBatchedSelect<EarlyAsk, { n: number; key: string }>({
    database,
    sql: UNHEARD,
    columns: 3,
    valuesOf: ({ company_id, booking_id, user_id }) => [company_id, booking_id, user_id],
  });
  return async (ask) => (await rowsOf(ask)).map(({ key }) => key);
}
