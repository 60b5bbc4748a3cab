import type { EntityName, FilterQuery } from '@mikro-orm/core';
import { isConfirmed } from '../domain/bookings.ts';
import { decodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import { BotUpdate, Card, UsedLink } from './bot-entities.ts';
import type { Sql } from './database.ts';
import { dayListsOf, type PersonDayList } from './day-lists.ts';
import { type ListedDelivery, listDeliveries } from './delivery-list.ts';
import { Booking, type BookingRow, PushSubscription, Schedule, User } from './entities.ts';
import { findRow, findRows, type Row } from './rows.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** Of each list so many are given. */
export const MAX_LISTED = 20_000;
const PAGE = 1_000;

/** Without what is kept for the scheduler; `confirmed_at`, as everywhere, is of the present start. */
type PersonBooking = Omit<BookingRow, SchedulerColumn>;
type SchedulerColumn = 'start_version' | 'moved_at' | 'next_reminder_at' | 'confirmed_starts_at';

/** A person as the tables know them. */
export interface PersonRows {
  user: Omit<Row<typeof User>, 'quiet_hours'> & { quiet_hours: QuietHours };
  schedule: unknown;
  bookings: PersonBooking[];
  deliveries: ListedDelivery[];
  push_subscriptions: Omit<Row<typeof PushSubscription>, 'p256dh' | 'auth'>[];
  cards: Omit<Row<typeof Card>, 'view'>[];
  /** What they wrote or pressed and nobody has acted on yet; only of an account that is nobody else's too. */
  bot_updates: Pick<Row<typeof BotUpdate>, 'update_id' | 'body' | 'received_at'>[];
  used_links: Pick<Row<typeof UsedLink>, 'expires_at'>[];
  broadcasts: { id: number; status: string; content: unknown; send_at: Date }[];
  /** The days of which they were to get the list. */
  day_lists: PersonDayList[];
}

/** Null when there is no such user. */
export async function personRows(sql: Sql, id: number): Promise<PersonRows | null> {
  const user = await findRow(sql, User, { id });
  if (!user) return null;
  const schedule = await findRow(sql, Schedule, { user_id: id });
  const devices = await findRows(sql, PushSubscription, { user_id: id }, { orderBy: { id: 'asc' } });
  return {
    user: { ...user, quiet_hours: decodeQuietHours(user.quiet_hours) },
    schedule: schedule && JSON.parse(schedule.hours),
    bookings: await bookingsOf(sql, id),
    deliveries: await deliveriesOf(sql, id),
    push_subscriptions: devices.map(({ p256dh: _, auth: __, ...device }) => device),
    cards: user.tg_id === null ? [] : await cardsOf(sql, { id, tg_id: user.tg_id }),
    ...(await botRows(sql, user)),
    broadcasts: await broadcastsNaming(sql, user),
    day_lists: await dayListsOf(sql, id, MAX_LISTED),
  };
}

/** By id, page by page: other reads wait no longer than for one of them. */
async function bookingsOf(sql: Sql, id: number): Promise<PersonBooking[]> {
  const found = new Map<number, PersonBooking>();
  for (const column of ['client_id', 'specialist_id'] as const)
    for (let after = 0; found.size < MAX_LISTED; ) {
      const rows = await pageOf(sql, column, { id, after });
      for (const stored of rows) {
        const { start_version: _, moved_at: __, next_reminder_at: ___, confirmed_starts_at: ____, ...row } = stored;
        found.set(row.id, { ...row, confirmed_at: isConfirmed(stored) ? row.confirmed_at : null });
      }
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) break;
      after = last.id;
    }
  return [...found.values()].slice(0, MAX_LISTED).sort((a, b) => a.id - b.id);
}

const pageOf = (sql: Sql, column: 'client_id' | 'specialist_id', { id, after }: { id: number; after: number }) =>
  findRows(sql, Booking, { [column]: id, id: { $gt: after } } as FilterQuery<BookingRow>, {
    orderBy: { id: 'asc' },
    limit: PAGE,
  });

async function deliveriesOf(sql: Sql, user_id: number): Promise<ListedDelivery[]> {
  const found: ListedDelivery[] = [];
  let after: Awaited<ReturnType<typeof listDeliveries>>['next'] | undefined;
  do {
    const page = await listDeliveries(sql, { user_id }, { after: after ?? undefined, limit: PAGE });
    found.push(...page.items);
    after = page.next;
  } while (after && found.length < MAX_LISTED);
  return found;
}

async function cardsOf(sql: Sql, { id, tg_id }: { id: number; tg_id: number }) {
  const cards = await findRows(
    sql,
    Card,
    { chat_id: tg_id, user_id: id },
    { orderBy: { id: 'asc' }, limit: MAX_LISTED },
  );
  return cards.map(({ view: _, ...card }) => card);
}

async function botRows(
  sql: Sql,
  { id, tg_id }: Row<typeof User>,
): Promise<Pick<PersonRows, 'bot_updates' | 'used_links'>> {
  const others = tg_id === null ? 1 : await sql.count(User as EntityName<Row<typeof User>>, { tg_id, id: { $ne: id } });
  if (others > 0 || tg_id === null) return { bot_updates: [], used_links: [] };
  const updates = await findRows(sql, BotUpdate, { chat_id: tg_id }, { orderBy: { id: 'asc' }, limit: MAX_LISTED });
  const links = await findRows(sql, UsedLink, { tg_id }, { orderBy: { id: 'asc' }, limit: MAX_LISTED });
  return {
    bot_updates: updates.map(({ update_id, body, received_at }) => ({ update_id, body, received_at })),
    used_links: links.map(({ expires_at }) => ({ expires_at })),
  };
}

/** How the id may stand in the only list of numbers of an `Audience`. */
const inUserIds = (id: number): string[] => [`%[${id}]%`, `%[${id},%`, `%,${id},%`, `%,${id}]%`];

/** Those whose audience has the user's id in it, page by page; what else they were sent stands among the deliveries. */
async function broadcastsNaming(sql: Sql, { id, company_id }: { id: number; company_id: number }) {
  const found: PersonRows['broadcasts'] = [];
  const patterns = inUserIds(id);
  for (let after = 0; found.length < MAX_LISTED; ) {
    const rows = await sql.execute<{ id: number; status: string; content: string; send_at: StoredDate }[]>(
      `SELECT id, status, content, send_at FROM broadcasts WHERE company_id = ? AND id > ?
        AND (${patterns.map(() => 'audience LIKE ?').join(' OR ')}) ORDER BY id LIMIT ?`,
      [company_id, after, ...patterns, PAGE],
    );
    for (const { content, send_at, ...row } of rows)
      found.push({ ...row, content: JSON.parse(content) as unknown, send_at: dateOf(send_at) });
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = last.id;
  }
  return found.slice(0, MAX_LISTED);
}
