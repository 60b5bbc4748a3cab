import type { Locale } from '../domain/events.ts';
import type { Sql } from './database.ts';
import { changeRows } from './statement.ts';

/** What people choose for themselves. */
export async function setPreference(
  tx: Sql,
  { id, locale, ads_opt_out }: { id: number; locale: Locale; ads_opt_out: boolean },
): Promise<void> {
  await changeRows(tx, 'UPDATE users SET locale = ?, ads_opt_out = ? WHERE id = ?', [locale, ads_opt_out, id]);
}
