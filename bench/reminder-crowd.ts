import { pino } from 'pino';
import type { Sql } from '#src/db/database.ts';
import { encodeRules } from '#src/db/reminder-rules.ts';
import { DEFAULT_SETTINGS } from '#src/domain/settings.ts';
import { openMigrated } from '#src/open-database.ts';
import { recipientChat } from './broadcast-work.ts';

const COMPANIES = 20;
/** In each company. */
const SPECIALISTS = 20;
/** The only reminder of these companies. */
const OFFSET_MIN = 120;
const DURATION_MIN = 60;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const INSERT_PEOPLE = `INSERT INTO users (company_id, role, name, tg_id, created_at)
  WITH RECURSIVE people (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM people WHERE number + 1 < ?)
  SELECT ?, ?, 'Человек ' || number, ? + number, ? FROM people`;

/** The due times of a company's bookings are spread evenly; whose they are follows from their number. */
const INSERT_BOOKINGS = `INSERT INTO bookings (company_id, client_id, specialist_id, service_id, starts_at, ends_at, duration_min,
    status, version, next_reminder_at, created_at, updated_at)
  WITH RECURSIVE numbers (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < :bookings),
  due (number, at) AS (SELECT number, :from + number * :within / :bookings FROM numbers)
  SELECT :company, :client + number, :specialist + number % ${SPECIALISTS}, :service, at + ${OFFSET_MIN * MINUTE_MS},
    at + ${(OFFSET_MIN + DURATION_MIN) * MINUTE_MS}, ${DURATION_MIN}, 'created', 1, at, :made, :made FROM due`;

export interface Crowd {
  bookings: number;
  /** Unix time in ms. */
  dueFrom: number;
  withinMs: number;
}

/** How many chats the crowd has: first those of the clients, one a booking. */
export const chatsOfCrowd = (bookings: number): number => bookings + COMPANIES * SPECIALISTS;

async function insert(tx: Sql, statement: string, values: unknown[]): Promise<number> {
  const [row] = await tx.execute<{ id: number }[]>(`${statement} RETURNING id`, values);
  if (!row) throw new Error('a row was not inserted');
  return row.id;
}

async function addCompany(tx: Sql, number: number, crowd: Crowd, made: number): Promise<void> {
  const bookings = crowd.bookings / COMPANIES;
  const rules = encodeRules([{ offset: OFFSET_MIN, since: new Date(made) }]);
  const company = await insert(
    tx,
    'INSERT INTO companies (name, time_zone, reminders, created_at) VALUES (?, ?, ?, ?)',
    [...[`Весна ${number}`, 'Europe/Moscow', rules, made]],
  );
  const service = await insert(
    tx,
    'INSERT INTO services (company_id, name, duration_min, created_at) VALUES (?, ?, ?, ?)',
    [...[company, 'Стрижка', DURATION_MIN, made]],
  );
  for (const { event_type, recipient_role, channel, enabled } of DEFAULT_SETTINGS)
    await tx.execute(
      'INSERT INTO notification_settings (company_id, event_type, recipient_role, channel, enabled) VALUES (?, ?, ?, ?, ?)',
      [company, event_type, recipient_role, channel, enabled],
    );
  const addPeople = async (role: string, count: number, firstChat: number) => {
    await tx.execute(INSERT_PEOPLE, [count, company, role, firstChat, made]);
    const [first] = await tx.execute<{ id: number }[]>(
      'SELECT MIN(id) AS id FROM users WHERE company_id = ? AND role = ?',
      [...[company, role]],
    );
    return first?.id;
  };
  const client = await addPeople('client', bookings, recipientChat(number * bookings));
  const specialist = await addPeople('specialist', SPECIALISTS, recipientChat(crowd.bookings + number * SPECIALISTS));
  const named = { bookings, company, client, specialist, service, made, from: crowd.dueFrom, within: crowd.withinMs };
  await tx.execute(...withNames(INSERT_BOOKINGS, named));
}

/** `:name` as `?`, since the statements of the product know no names. */
function withNames(statement: string, values: Readonly<Record<string, unknown>>): [string, unknown[]] {
  const ordered: unknown[] = [];
  const text = statement.replace(/:([a-z]+)/g, (_, name: string) => {
    ordered.push(values[name]);
    return '?';
  });
  return [text, ordered];
}

/** A new database with bookings whose reminders come due within a short time; straight into the file, since so many POSTs take long. */
export async function createCrowd(path: string, crowd: Crowd): Promise<void> {
  if (crowd.bookings % COMPANIES !== 0) throw new RangeError(`the bookings must be a multiple of ${COMPANIES}`);
  const { database } = await openMigrated({ database: { kind: 'sqlite', path }, log: pino({ level: 'silent' }) });
  try {
    const made = Date.now() - 30 * DAY_MS;
    for (let number = 0; number < COMPANIES; number += 1)
      await database.write((tx) => addCompany(tx, number, crowd, made));
  } finally {
    await database.close();
  }
}
