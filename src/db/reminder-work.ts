import { type BookingSchedule, type BookingStatus, bookingState } from '../domain/bookings.ts';
import type { RemindedReader } from '../domain/early-reminders.ts';
import type { BookingState } from '../domain/events.ts';
import { type Decided, type LadderCase, stepOf } from '../domain/ladder-steps.ts';
import { decodeQuietHours } from '../domain/quiet-hours.ts';
import type { ReminderCase } from '../domain/reminders.ts';
import type { Sql } from './database.ts';
import { decodeLadder } from './no-show-ladder.ts';
import { decodeRules } from './reminder-rules.ts';
import { changeRows, placeholders } from './statement.ts';
import { dateOf, dateOrNull, type StoredDate } from './stored-values.ts';

/** What is needed to decide on a booking's reminders and to tell of them. */
export interface RemindedBooking extends Omit<ReminderCase, 'now' | 'clocks'> {
  id: number;
  company_id: number;
  version: number;
  /** Under which what is decided of its present start is written down. */
  start_version: number;
  /** As an event tells it. */
  state: BookingState;
  /** What the company does when the client does not answer, and what was decided of that too. */
  onSilence: Omit<LadderCase, 'now'>;
}

/** The same as it is stored. */
export interface StoredCase extends Omit<BookingSchedule, 'starts_at'> {
  id: number;
  company_id: number;
  version: number;
  start_version: number;
  status: BookingStatus;
  starts_at: StoredDate;
  confirmed_starts_at: StoredDate | null;
  moved_at: StoredDate | null;
  created_at: StoredDate;
  rules: string;
  no_show_ladder: string | null;
  time_zone: string;
  decided: Decided[];
  client_id: number;
  client_erased_at: StoredDate | null;
  client_quiet: string;
  client_zone: string;
  specialist_quiet: string;
  specialist_zone: string;
}

/** What was decided of the present start; not of those before, which may be many. */
const CASES = `SELECT b.id, b.company_id, b.version, b.start_version, b.confirmed_starts_at, b.status, b.starts_at, b.moved_at, b.created_at,
  b.specialist_id, b.service_id, b.location_id, b.duration_min,
  c.reminders AS rules, c.no_show_ladder, COALESCE(l.time_zone, c.time_zone) AS time_zone,
  b.client_id, client.erased_at AS client_erased_at, client.quiet_hours AS client_quiet, COALESCE(client.time_zone, c.time_zone) AS client_zone,
  specialist.quiet_hours AS specialist_quiet, COALESCE(specialist.time_zone, c.time_zone) AS specialist_zone,
  r.offset_key AS "key", r.due_at, r.state, r.reason, r.decided_at
FROM bookings b JOIN companies c ON c.id = b.company_id
JOIN users client ON client.id = b.client_id JOIN users specialist ON specialist.id = b.specialist_id
LEFT JOIN locations l ON l.id = b.location_id
LEFT JOIN reminders r ON r.booking_id = b.id AND r.version = b.start_version
WHERE b.id IN`;

type CaseRow = Omit<StoredCase, 'decided'> & Pick<Decided, 'state' | 'reason'> & DecidedColumns;
type DecidedColumns = { key: string | null; due_at: StoredDate | null; decided_at: StoredDate | null };

/** Those that still are to be looked at; nobody else takes them until the transaction has ended. */
export async function takeDue(tx: Sql, ids: readonly number[], now: Date): Promise<StoredCase[]> {
  const taken = await tx.execute<{ id: number }[]>(
    `UPDATE bookings SET next_reminder_at = NULL WHERE id IN ${placeholders(1, ids.length)} AND next_reminder_at <= ?
      RETURNING id`,
    [...ids, now],
  );
  return await storedCases(
    tx,
    taken.map(({ id }) => id),
  );
}

/** In the order of their ids; those that do not exist are missing. */
export async function storedCases(sql: Sql, ids: readonly number[]): Promise<StoredCase[]> {
  if (ids.length === 0) return [];
  const rows = await sql.execute<CaseRow[]>(`${CASES} ${placeholders(1, ids.length)} ORDER BY b.id`, [...ids]);
  const cases = new Map<number, StoredCase>();
  for (const { key, due_at, state, reason, decided_at, ...row } of rows) {
    const found = cases.get(row.id) ?? { ...row, decided: [] };
    if (key !== null && due_at !== null && decided_at !== null)
      found.decided.push({ key, due_at: dateOf(due_at), state, reason, decided_at: dateOf(decided_at) });
    cases.set(row.id, found);
  }
  return [...cases.values()];
}

/** @throws SyntaxError where the company's rules, or its ladder, cannot be read */
export function remindedBooking(stored: StoredCase): RemindedBooking {
  const { id, company_id, version, start_version, status, time_zone, decided } = stored;
  const starts_at = dateOf(stored.starts_at);
  const start_set_at = dateOrNull(stored.moved_at) ?? dateOf(stored.created_at);
  const ladder = decodeLadder(stored.no_show_ladder);
  const readers = readersOf(stored);
  const [client] = readers;
  return {
    ...{ id, company_id, version, start_version },
    state: bookingState({ ...stored, starts_at }),
    rules: decodeRules(stored.rules),
    // A step of the ladder stands in the way of no reminder.
    decided: decided.filter(({ key }) => stepOf(key) === null),
    booking: { status, starts_at, time_zone, start_set_at },
    readers,
    question: ladder && { user_id: stored.client_id, offset: ladder.ask },
    onSilence: {
      client_id: stored.client_id,
      client,
      isClientErased: stored.client_erased_at !== null,
      ladder,
      booking: { status, starts_at, confirmed_starts_at: dateOrNull(stored.confirmed_starts_at) },
      decided,
    },
  };
}

/** The client and the specialist, who may be one user. */
function readersOf(stored: StoredCase): [client: RemindedReader, ...specialist: RemindedReader[]] {
  const { client_id, client_quiet, client_zone, specialist_id, specialist_quiet, specialist_zone } = stored;
  const client = { user_id: client_id, quiet_hours: decodeQuietHours(client_quiet), time_zone: client_zone };
  if (client_id === specialist_id) return [client];
  const quiet_hours = decodeQuietHours(specialist_quiet);
  return [client, { user_id: specialist_id, quiet_hours, time_zone: specialist_zone }];
}

/**
 * When to look at each. One statement: a page has as many moments as bookings. The ELSE, which is never taken, tells PostgreSQL what
 * the others are.
 */
export async function lookAgain(tx: Sql, bookings: readonly { id: number; at: Date }[]): Promise<void> {
  if (bookings.length === 0) return;
  await changeRows(
    tx,
    `UPDATE bookings SET next_reminder_at = CASE id ${'WHEN ? THEN ? '.repeat(bookings.length)}ELSE next_reminder_at END
      WHERE id IN ${placeholders(1, bookings.length)}`,
    [...bookings.flatMap(({ id, at }) => [id, at]), ...bookings.map(({ id }) => id)],
  );
}
