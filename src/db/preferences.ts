import type { Locale } from '../domain/events.ts';
import { encodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import type { Sql } from './database.ts';
import { changeRows } from './statement.ts';

/** What people choose for themselves. */
export async function setPreference(
  tx: Sql,
  { id, locale, ads_opt_out }: { id: number; locale: Locale; ads_opt_out: boolean },
): Promise<void> {
  await changeRows(tx, 'UPDATE users SET locale = ?, ads_opt_out = ? WHERE id = ?', [locale, ads_opt_out, id]);
}

export async function setQuietHours(tx: Sql, id: number, hours: QuietHours): Promise<void> {
  await changeRows(tx, 'UPDATE users SET quiet_hours = ? WHERE id = ?', [encodeQuietHours(hours), id]);
}
