import type { Locale, RecipientRole } from '../domain/events.ts';
import { decodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import type { Sql } from './database.ts';
import { booleanOf, type StoredBoolean } from './stored-values.ts';

/** A user row of this Telegram account; one account may stand for users of several companies. */
export interface Account {
  id: number;
  company_id: number;
  company_name: string;
  /** The company's IANA zone; a location may have its own. */
  time_zone: string;
  role: RecipientRole;
  name: string;
  locale: Locale;
  ads_opt_out: boolean;
  quiet_hours: QuietHours;
  /** The person's own IANA zone, or the company's: by it their quiet hours are. */
  quiet_zone: string;
  /** Null while the bot may write to it; `stopped` after `/stop`. */
  telegram_unreachable: string | null;
}

const ACCOUNTS = `SELECT u.id, u.company_id, co.name AS company_name, co.time_zone, u.role, u.name, u.locale, u.ads_opt_out,
  u.quiet_hours, COALESCE(u.time_zone, co.time_zone) AS quiet_zone, u.telegram_unreachable
FROM users u JOIN companies co ON co.id = u.company_id
WHERE u.tg_id = ?
ORDER BY u.id`;

/** The users whose `tg_id` this is, oldest first: a person's by their id, a group's by the id of its chat. */
export async function accountsOf(sql: Sql, tgId: number): Promise<Account[]> {
  type Stored = Omit<Account, 'ads_opt_out' | 'quiet_hours'> & { ads_opt_out: StoredBoolean; quiet_hours: string };
  const rows = await sql.execute<Stored[]>(ACCOUNTS, [tgId]);
  return rows.map((row) => ({
    ...row,
    ads_opt_out: booleanOf(row.ads_opt_out),
    quiet_hours: decodeQuietHours(row.quiet_hours),
  }));
}
