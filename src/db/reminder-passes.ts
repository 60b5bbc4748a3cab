import type { Database, Sql } from './database.ts';
import { changeRows, placeholders } from './statement.ts';
import { dateOrNull, type StoredDate } from './stored-values.ts';

/**
 * A pass over a company's bookings, after which all of them are looked at: its reminders, or its clock, are others than those by
 * which they were told when to be. In pages, as they may be many.
 */

/** Asked while a pass runs, it begins again. */
export async function askForPass(tx: Sql, companyId: number): Promise<void> {
  await changeRows(
    tx,
    `INSERT INTO reminder_passes (company_id, starts_at, booking_id) VALUES (?, NULL, 0)
      ON CONFLICT (company_id) DO UPDATE SET starts_at = NULL, booking_id = 0`,
    [companyId],
  );
}

/** The companies for which one is to do. */
export async function openPasses(sql: Sql, most: number): Promise<number[]> {
  const rows = await sql.execute<{ company_id: number }[]>(
    'SELECT company_id FROM reminder_passes ORDER BY company_id LIMIT ?',
    [most],
  );
  return rows.map(({ company_id }) => company_id);
}

/** The second are told before their quiet hours of what would fall into these. */
const BY_CLOCK = `SELECT id FROM companies c WHERE reminders LIKE '%"evening_before"%' OR (reminders <> '[]' AND EXISTS (
  SELECT 1 FROM users u WHERE u.company_id = c.id AND u.erased_at IS NULL AND u.quiet_hours NOT LIKE '%"messages":null%'))`;

/** Of so many companies passes are asked for in one commit. */
const ASKED_AT_ONCE = 500;

/** For all companies of whose reminders some go by the clock on the wall; to find them takes a look at all people. */
export async function askForPassesByClock(database: Pick<Database, 'survey' | 'write'>): Promise<void> {
  const companies = await database.survey().execute<{ id: number }[]>(BY_CLOCK);
  for (let done = 0; done < companies.length; done += ASKED_AT_ONCE) {
    const ids = companies.slice(done, done + ASKED_AT_ONCE).map(({ id }) => id);
    await database.write((tx) =>
      changeRows(
        tx,
        `INSERT INTO reminder_passes (company_id, starts_at, booking_id)
          SELECT id, NULL, 0 FROM companies WHERE id IN ${placeholders(1, ids.length)}
          ON CONFLICT (company_id) DO UPDATE SET starts_at = NULL, booking_id = 0`,
        ids,
      ),
    );
  }
}

/** Bookings that are told to be looked at in the transaction of what asks for it. */
const MAX_AT_ONCE = 500;

/** The plus keeps it to the bookings to come: by the index of locations it would read all that there ever were at this one. */
const AT_LOCATION = `SELECT id FROM bookings
WHERE company_id = ? AND starts_at >= ? AND +location_id = ? AND status = 'created' LIMIT ?`;

/** The bookings to come at a location are looked at now; where they are many, by a pass over those of its company. */
export async function lookAtLocation(
  tx: Sql,
  { id, company_id }: { id: number; company_id: number },
  now: Date,
): Promise<void> {
  const found = await tx.execute<{ id: number }[]>(AT_LOCATION, [company_id, now, id, MAX_AT_ONCE + 1]);
  if (found.length > MAX_AT_ONCE) await askForPass(tx, company_id);
  else
    await lookNow(
      tx,
      found.map((booking) => booking.id),
      now,
    );
}

async function lookNow(tx: Sql, ids: readonly number[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await changeRows(tx, `UPDATE bookings SET next_reminder_at = ? WHERE id IN ${placeholders(1, ids.length)}`, [
    now,
    ...ids,
  ]);
}

export async function hasOpenPass(sql: Sql, companyId: number): Promise<boolean> {
  const found = await sql.execute('SELECT company_id FROM reminder_passes WHERE company_id = ?', [companyId]);
  return found.length > 0;
}

const NEXT_PAGE = `SELECT id, starts_at FROM bookings
WHERE company_id = ? AND starts_at >= ? AND (starts_at, id) > (?, ?) AND status = 'created'
ORDER BY starts_at, id LIMIT ?`;

/** One page of it: its bookings are to be looked at now. */
export async function continuePass(tx: Sql, companyId: number, now: Date, limit: number): Promise<void> {
  const [pass] = await tx.execute<{ starts_at: StoredDate | null; booking_id: number }[]>(
    'SELECT starts_at, booking_id FROM reminder_passes WHERE company_id = ?',
    [companyId],
  );
  if (!pass) return;
  const from = dateOrNull(pass.starts_at) ?? now;
  const page = await tx.execute<{ id: number; starts_at: StoredDate }[]>(NEXT_PAGE, [
    ...[companyId, from, from, pass.booking_id, limit],
  ]);
  const last = page.at(-1);
  await lookNow(
    tx,
    page.map(({ id }) => id),
    now,
  );
  if (last && page.length === limit)
    await changeRows(tx, 'UPDATE reminder_passes SET starts_at = ?, booking_id = ? WHERE company_id = ?', [
      ...[dateOrNull(last.starts_at), last.id, companyId],
    ]);
  else await changeRows(tx, 'DELETE FROM reminder_passes WHERE company_id = ?', [companyId]);
}
