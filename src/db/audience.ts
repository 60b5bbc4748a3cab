import type { Audience } from '../domain/broadcasts.ts';
import { decodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import type { Sql } from './database.ts';
import type { Value } from './statement.ts';

/** So many of the company's users are looked at in one statement: other reads wait no longer than that takes. */
const SLICE = 5_000;
const MOST_SLICES = 20;

/** How a broadcast would reach someone now, or why it would not. */
export type Way = 'telegram' | 'web_push' | 'opted_out' | 'unreachable' | 'no_channel';

/** Users of the company with ids behind `after`, up to `upTo`. */
export interface Range {
  company_id: number;
  audience: Audience;
  after: number;
  upTo: number;
  /** Those alone whom Telegram does not reach now. */
  othersOnly?: boolean;
}

interface Condition {
  sql: string;
  values: Value[];
}

const among = (column: string, wanted: readonly Value[] | undefined): Condition[] =>
  wanted === undefined ? [] : [{ sql: `${column} IN (${wanted.map(() => '?').join(', ')})`, values: [...wanted] }];

const UNSEEN = `NOT EXISTS (SELECT 1 FROM bookings b
  WHERE b.client_id = u.id AND b.starts_at >= ? AND b.status IN ('created', 'completed'))`;

/** Null when nobody can be in the range. */
function membersOf({ company_id, audience, after, upTo, othersOnly }: Range): Condition | null {
  const ids = audience.user_ids?.filter((id) => id > after && id <= upTo);
  const { roles, locales, not_seen_since } = audience;
  if ([ids, roles, locales].some((wanted) => wanted?.length === 0)) return null;
  const conditions: Condition[] = [
    { sql: 'u.company_id = ? AND u.id > ? AND u.id <= ? AND u.erased_at IS NULL', values: [company_id, after, upTo] },
    ...among('u.role', roles),
    ...among('u.locale', locales),
    ...among('u.id', ids),
    ...(othersOnly ? [{ sql: '(u.tg_id IS NULL OR u.telegram_unreachable IS NOT NULL)', values: [] }] : []),
    ...(not_seen_since === undefined ? [] : [{ sql: UNSEEN, values: [new Date(not_seen_since)] }]),
  ];
  return {
    sql: conditions.map(({ sql }) => sql).join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  };
}

/** The range in pieces that are quickly looked at, in the order of ids. */
async function* slicesOf(sql: Sql, range: Range): AsyncGenerator<Range> {
  for (let after = range.after; after < range.upTo; ) {
    const [end] = await sql.execute<{ id: number }[]>(
      'SELECT id FROM users WHERE company_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT 1 OFFSET ?',
      [range.company_id, after, range.upTo, SLICE - 1],
    );
    const upTo = end?.id ?? range.upTo;
    yield { ...range, after, upTo };
    after = upTo;
  }
}

/** The newest user of the company; 0 where there is none. */
export async function newestUserId(sql: Sql, company_id: number): Promise<number> {
  const [row] = await sql.execute<{ id: number }[]>(
    'SELECT id FROM users WHERE company_id = ? ORDER BY id DESC LIMIT 1',
    [company_id],
  );
  return row?.id ?? 0;
}

/** The next members of the audience, at most `limit`, and up to which id this has looked: a while at most, where there are few. */
export async function nextMembers(
  sql: Sql,
  range: Range,
  limit: number,
): Promise<{ user_ids: number[]; lookedUpTo: number }> {
  const found: number[] = [];
  let slices = 0;
  for await (const slice of slicesOf(sql, range)) {
    slices += 1;
    const members = membersOf(slice);
    if (!members) continue;
    const rows = await sql.execute<{ id: number }[]>(
      `SELECT u.id FROM users u WHERE ${members.sql} ORDER BY u.id LIMIT ?`,
      [...members.values, limit - found.length],
    );
    found.push(...rows.map(({ id }) => id));
    if (found.length === limit) return { user_ids: found, lookedUpTo: found.at(-1) ?? slice.upTo };
    if (slices === MOST_SLICES) return { user_ids: found, lookedUpTo: slice.upTo };
  }
  return { user_ids: found, lookedUpTo: range.upTo };
}

/** @param hasPush the content can be shown by Web Push */
const wayOf = (hasPush: boolean): string => `CASE
  WHEN u.ads_opt_out THEN 'opted_out'
  WHEN u.tg_id IS NOT NULL AND u.telegram_unreachable IS NULL THEN 'telegram'
  ${hasPush ? `WHEN EXISTS (SELECT 1 FROM push_subscriptions p WHERE p.user_id = u.id) THEN 'web_push'` : ''}
  WHEN u.tg_id IS NOT NULL THEN 'unreachable'
  ELSE 'no_channel' END`;

/** So many people of the audience with the same quiet hours, by the same clock. */
export interface WayCount {
  way: Way;
  quiet_hours: QuietHours;
  time_zone: string;
  people: number;
}

/** How many of the audience would be reached in which way. */
export async function countByWay(sql: Sql, range: Range, hasPush: boolean): Promise<WayCount[]> {
  const counts = new Map<string, WayCount>();
  for await (const slice of slicesOf(sql, range)) {
    const members = membersOf(slice);
    if (!members) continue;
    const rows = await sql.execute<(Omit<WayCount, 'quiet_hours'> & { quiet_hours: string })[]>(
      `SELECT ${wayOf(hasPush)} AS way, u.quiet_hours, COALESCE(u.time_zone, company.time_zone) AS time_zone, COUNT(*) AS people
        FROM users u JOIN companies company ON company.id = u.company_id WHERE ${members.sql} GROUP BY 1, 2, 3`,
      members.values,
    );
    for (const { way, quiet_hours, time_zone, people } of rows) {
      const key = JSON.stringify([way, quiet_hours, time_zone]);
      const before = counts.get(key)?.people ?? 0;
      const sum = before + Number(people);
      counts.set(key, { way, quiet_hours: decodeQuietHours(quiet_hours), time_zone, people: sum });
    }
  }
  return [...counts.values()];
}

/** How many there are. */
export async function countMembers(sql: Sql, range: Range): Promise<number> {
  let size = 0;
  for await (const slice of slicesOf(sql, range)) {
    const members = membersOf(slice);
    if (!members) continue;
    const [row] = await sql.execute<{ people: number }[]>(
      `SELECT COUNT(*) AS people FROM users u WHERE ${members.sql}`,
      members.values,
    );
    size += Number(row?.people ?? 0);
  }
  return size;
}
