import type { Sql } from './database.ts';
import type { DeliveryRow } from './event-entities.ts';
import type { Value } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** Rows of the log that one page looks at: of a filter that no index serves, a page then ends before it is full. */
export const MAX_SCANNED = 5_000;

/** Behind which row a page begins. */
export type DeliveryPosition = Pick<DeliveryRow, 'finished_at' | 'id'>;

/** Columns must equal what is given. */
export type DeliveryFilters = {
  [Column in (typeof FILTERS)[number]]?: DeliveryRow[Column] | undefined;
} & {
  broadcast_id?: number | undefined;
  /** Inclusive. */
  finished_from?: Date | undefined;
  /** Exclusive. */
  finished_to?: Date | undefined;
};

/** A row as everybody reads it. */
export type ListedDelivery = Omit<DeliveryRow, 'merged_versions'> & { merged_versions: number[] | null };

export interface DeliveryPage {
  items: ListedDelivery[];
  /** Null at the end. A page with a next one may be short, even empty. */
  next: DeliveryPosition | null;
}

const FILTERS = ['company_id', 'event_id', 'event_type', 'booking_id', 'user_id', 'role', 'channel', 'status'] as const;
const COLUMNS =
  'id, company_id, event_id, event_type, booking_id, user_id, role, channel, status, reason, attempts, chat_id, message_id, finished_at, merged_versions';

interface Condition {
  sql: string;
  values: Value[];
}

const equal = (column: string, value: Value): Condition => ({ sql: `${column} = ?`, values: [value] });

function all(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.length === 0 ? '1 = 1' : conditions.map(({ sql }) => sql).join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Where one index leads to what is asked for. */
interface Key {
  conditions: Condition[];
  /** The filters that need no further look. */
  serves: readonly (keyof DeliveryFilters)[];
  /** Few rows, in no order; else they are read in the order of the list, as far as a page looks. */
  isEvent: boolean;
}

/** The part of the filters that leads to the fewest rows; null when there can be none. */
async function keyOf(sql: Sql, filters: DeliveryFilters): Promise<Key | null> {
  const { company_id, event_id, booking_id, user_id, broadcast_id } = filters;
  if (event_id !== undefined) return keyOfEvent(event_id, company_id);
  if (typeof booking_id === 'number') return await keyInCompany(sql, 'booking_id', booking_id, company_id);
  if (user_id !== undefined) return await keyInCompany(sql, 'user_id', user_id, company_id);
  if (broadcast_id !== undefined) return await keyOfBroadcast(sql, broadcast_id, company_id);
  if (company_id !== undefined) return keyOfColumn('company_id', company_id);
  return { conditions: [], serves: [], isEvent: false };
}

const keyOfColumn = (column: keyof DeliveryFilters, value: number): Key => ({
  conditions: [equal(column, value)],
  serves: [column],
  isEvent: false,
});

/** Users and bookings never change their company, so that one row tells of all. */
async function keyInCompany(
  sql: Sql,
  column: 'booking_id' | 'user_id',
  value: number,
  company_id: number | undefined,
): Promise<Key | null> {
  const key = keyOfColumn(column, value);
  if (company_id === undefined) return key;
  const [row] = await sql.execute<Pick<DeliveryRow, 'company_id'>[]>(
    `SELECT company_id FROM deliveries WHERE ${column} = ? LIMIT 1`,
    [value],
  );
  return row?.company_id === company_id ? { ...key, serves: [column, 'company_id'] } : null;
}

/** The index begins with the company, and there are fewer companies than deliveries. */
function keyOfEvent(event_id: string, company_id: number | undefined): Key {
  const ofCompany =
    company_id === undefined
      ? { sql: 'company_id IN (SELECT id FROM companies)', values: [] }
      : equal('company_id', company_id);
  return { conditions: [ofCompany, equal('event_id', event_id)], serves: ['company_id', 'event_id'], isEvent: true };
}

/** All that its company was told since it started: most of that is the broadcast itself. */
async function keyOfBroadcast(sql: Sql, broadcast_id: number, company_id: number | undefined): Promise<Key | null> {
  const [broadcast] = await sql.execute<{ company_id: number; started_at: StoredDate | null }[]>(
    'SELECT company_id, started_at FROM broadcasts WHERE id = ?',
    [broadcast_id],
  );
  if (!broadcast || broadcast.started_at === null) return null;
  if (company_id !== undefined && broadcast.company_id !== company_id) return null;
  const since = { sql: 'finished_at >= ?', values: [dateOf(broadcast.started_at)] };
  return { conditions: [equal('company_id', broadcast.company_id), since], serves: ['company_id'], isEvent: false };
}

function filterOf(filters: DeliveryFilters, { serves }: Key): Condition[] {
  const { broadcast_id } = filters;
  const given = FILTERS.flatMap((column) => {
    const value = filters[column];
    return value === undefined || serves.includes(column) ? [] : [equal(column, value)];
  });
  const ofBroadcast = { sql: 'event_id LIKE ?', values: [`broadcast:${broadcast_id}:%`] };
  return broadcast_id === undefined ? given : [...given, ofBroadcast];
}

function windowOf({ finished_from, finished_to }: DeliveryFilters, after: DeliveryPosition | undefined): Condition[] {
  return [
    ...(after ? [{ sql: '(finished_at, id) > (?, ?)', values: [after.finished_at, after.id] }] : []),
    ...(finished_from ? [{ sql: 'finished_at >= ?', values: [finished_from] }] : []),
    ...(finished_to ? [{ sql: 'finished_at < ?', values: [finished_to] }] : []),
  ];
}

const IN_ORDER = 'ORDER BY finished_at, id LIMIT ?';

/**
 * A page of the delivery log, those that ended first at the top. What ends meanwhile neither hides nor repeats another; what
 * ends anew, after a replay, comes again behind.
 */
export async function listDeliveries(
  sql: Sql,
  filters: DeliveryFilters,
  { after, limit }: { after?: DeliveryPosition | undefined; limit: number },
): Promise<DeliveryPage> {
  const key = await keyOf(sql, filters);
  if (!key) return { items: [], next: null };
  const filter = all(filterOf(filters, key));
  const scanned = all([...key.conditions, ...windowOf(filters, after)]);
  const isServed = filter.values.length === 0;
  const look = key.isEvent ? [] : [isServed ? limit + 1 : MAX_SCANNED];
  const rows = await sql.execute<StoredDelivery[]>(
    `WITH scanned AS MATERIALIZED (
        SELECT ${COLUMNS} FROM deliveries WHERE ${scanned.sql} ${key.isEvent ? '' : IN_ORDER}
      )
      SELECT * FROM scanned WHERE ${filter.sql} ${IN_ORDER}`,
    [...scanned.values, ...look, ...filter.values, limit + 1],
  );
  const items = rows.slice(0, limit).map(listed);
  if (rows.length > limit) return { items, next: items.at(-1) ?? null };
  return { items, next: key.isEvent || isServed ? null : await endOfLook(sql, scanned) };
}

type StoredDelivery = Omit<DeliveryRow, 'finished_at'> & { finished_at: StoredDate };

const listed = ({ merged_versions: merged, ...row }: StoredDelivery): ListedDelivery => ({
  ...row,
  finished_at: dateOf(row.finished_at),
  merged_versions: merged === null ? null : (JSON.parse(merged) as number[]),
});

/** Null when a page has looked at all there is. */
async function endOfLook(sql: Sql, scanned: Condition): Promise<DeliveryPosition | null> {
  const [last] = await sql.execute<{ id: number; finished_at: StoredDate }[]>(
    `SELECT id, finished_at FROM deliveries WHERE ${scanned.sql} ${IN_ORDER} OFFSET ?`,
    [...scanned.values, 1, MAX_SCANNED - 1],
  );
  return last ? { id: last.id, finished_at: dateOf(last.finished_at) } : null;
}
