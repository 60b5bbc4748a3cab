import type { BroadcastContent, BroadcastStatus } from '../domain/broadcasts.ts';
import type { Locale, RecipientRole } from '../domain/events.ts';
import { decodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import type { AdMarking } from '../messages/legal-line.ts';
import { createBatchedSelect } from './batched-select.ts';
import type { Database, Sql } from './database.ts';
import { booleanOf, dateOf, type StoredBoolean, type StoredDate } from './stored-values.ts';

/** What all messages of a broadcast share; nothing of it changes while it runs. */
export interface BroadcastText {
  content: BroadcastContent;
  /** Telegram HTML. */
  ad_html: string | null;
  legal: AdMarking;
  allow_paid: boolean;
  is_test: boolean;
}

const TEXT = `SELECT b.content, b.allow_paid, b.is_test, ad.content_tg, company.ad_advertiser, company.ad_marking_token
FROM broadcasts b
JOIN companies company ON company.id = b.company_id
LEFT JOIN ad_templates ad ON ad.id = b.ad_template_id
WHERE b.id = ? AND b.company_id = ?`;

interface TextRow extends AdMarking {
  content: string;
  content_tg: string | null;
  allow_paid: StoredBoolean;
  is_test: StoredBoolean;
}

/** Null when the company has no such broadcast. */
export async function broadcastText(
  sql: Sql,
  { broadcast_id, company_id }: { broadcast_id: number; company_id: number },
): Promise<BroadcastText | null> {
  const [row] = await sql.execute<TextRow[]>(TEXT, [broadcast_id, company_id]);
  if (!row) return null;
  const { ad_advertiser, ad_marking_token } = row;
  return {
    content: JSON.parse(row.content) as BroadcastContent,
    ad_html: row.content_tg,
    legal: { ad_advertiser, ad_marking_token },
    allow_paid: booleanOf(row.allow_paid),
    is_test: booleanOf(row.is_test),
  };
}

/** One person's part in a broadcast, as it stands now. */
export interface BroadcastFacts {
  status: BroadcastStatus;
  /** Null for a person who has been deleted or erased. */
  user: {
    role: RecipientRole;
    tg_id: number | null;
    telegram_unreachable: string | null;
    locale: Locale;
    ads_opt_out: boolean;
    quiet_hours: QuietHours;
    /** By which their quiet hours are. */
    time_zone: string;
  } | null;
  /** Where the person's Telegram account belongs to users of other companies too; else null. */
  company_name: string | null;
  /** Of the ad below; null without one. */
  ad: { active: boolean; valid_until: Date | null } | null;
  /** How it has ended for them already, by whatever offer of the chunk; null while it has not. */
  logged: string | null;
}

const FACTS = `WITH asked (n, broadcast_id, company_id, user_id, event_id) AS ({asked})
SELECT n, b.status, u.role, u.tg_id, u.telegram_unreachable, u.locale, u.ads_opt_out,
  u.quiet_hours, COALESCE(u.time_zone, company.time_zone) AS time_zone,
  CASE WHEN EXISTS (SELECT 1 FROM users other WHERE other.tg_id = u.tg_id AND other.company_id <> u.company_id)
    THEN company.name END AS company_name,
  ad.active, ad.valid_until, d.status AS logged
FROM asked
JOIN broadcasts b ON b.id = asked.broadcast_id AND b.company_id = asked.company_id
JOIN companies company ON company.id = b.company_id
LEFT JOIN users u ON u.id = asked.user_id AND u.company_id = b.company_id AND u.erased_at IS NULL
LEFT JOIN ad_templates ad ON ad.id = b.ad_template_id
LEFT JOIN deliveries d ON d.company_id = b.company_id AND d.event_id = asked.event_id AND d.user_id = asked.user_id`;

interface FactsRow {
  n: number;
  status: BroadcastStatus;
  role: RecipientRole | null;
  tg_id: number | null;
  telegram_unreachable: string | null;
  locale: Locale | null;
  ads_opt_out: StoredBoolean | null;
  quiet_hours: string | null;
  time_zone: string;
  company_name: string | null;
  active: StoredBoolean | null;
  valid_until: StoredDate | null;
  logged: string | null;
}

interface FactsAsk {
  broadcast_id: number;
  company_id: number;
  user_id: number;
  event_id: string;
}

/** Null when the broadcast is gone. Questions of one tick share a statement that begins after them. */
export function createBroadcastFactsReader(
  database: Pick<Database, 'read'>,
): (ask: FactsAsk) => Promise<BroadcastFacts | null> {
  const rowsOf = createBatchedSelect<FactsAsk, FactsRow>({
    database,
    sql: FACTS,
    columns: 4,
    valuesOf: ({ broadcast_id, company_id, user_id, event_id }) => [broadcast_id, company_id, user_id, event_id],
  });
  return async (ask) => {
    const [row] = await rowsOf(ask);
    return row ? factsOf(row) : null;
  };
}

function factsOf(row: FactsRow): BroadcastFacts {
  const { status, company_name, active, logged } = row;
  return {
    status,
    user: userOf(row),
    company_name,
    ad:
      active === null
        ? null
        : { active: booleanOf(active), valid_until: row.valid_until === null ? null : dateOf(row.valid_until) },
    logged,
  };
}

function userOf({ role, tg_id, telegram_unreachable, locale, time_zone, ...row }: FactsRow): BroadcastFacts['user'] {
  if (role === null || locale === null || row.ads_opt_out === null || row.quiet_hours === null) return null;
  return {
    ...{ role, tg_id, telegram_unreachable, locale, time_zone },
    ...{ ads_opt_out: booleanOf(row.ads_opt_out), quiet_hours: decodeQuietHours(row.quiet_hours) },
  };
}

/** Of these users, what they are and whether Telegram reaches them now; who is missing is gone. */
export async function peopleOf(
  sql: Sql,
  user_ids: readonly number[],
): Promise<Map<number, { role: RecipientRole; isInTelegram: boolean }>> {
  if (user_ids.length === 0) return new Map();
  const rows = await sql.execute<
    { id: number; role: RecipientRole; tg_id: number | null; telegram_unreachable: string | null }[]
  >(`SELECT id, role, tg_id, telegram_unreachable FROM users WHERE id IN (${user_ids.map(() => '?').join(', ')})`, [
    ...user_ids,
  ]);
  return new Map(
    rows.map(({ id, role, tg_id, telegram_unreachable }) => [
      id,
      { role, isInTelegram: tg_id !== null && telegram_unreachable === null },
    ]),
  );
}
