import type { RecipientRole } from '../domain/events.ts';
import type { CardRow } from './bot-entities.ts';
import type { Database, Sql } from './database.ts';
import { changeRows, chunksOf, placeholders } from './statement.ts';
import { booleanOf, dateOf, type StoredBoolean, type StoredDate } from './stored-values.ts';

/** A card without the key of its row: its message is its identity. */
export type CardRecord = Omit<CardRow, 'id'>;
export type CardMessage = Pick<CardRow, 'chat_id' | 'message_id'>;

type StoredCard = Omit<CardRow, 'stale' | 'sent_at' | 'view_expires_at'> & {
  stale: StoredBoolean;
  sent_at: StoredDate;
  view_expires_at: StoredDate | null;
};

const COLUMNS = [
  'chat_id',
  'message_id',
  'company_id',
  'booking_id',
  'user_id',
  'audience',
  'event',
  'view',
  'return_to',
  'version',
  'stale',
  'sent_at',
  'view_expires_at',
] as const satisfies (keyof CardRecord)[];

const FIND = `SELECT id, ${COLUMNS.join(', ')} FROM cards`;
const INSERT = `INSERT INTO cards (${COLUMNS.join(', ')})`;
const OVERWRITE = COLUMNS.slice(2)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');
/** What a press has made of a message whose delivery was not recorded yet stays. */
const SHOWN: readonly (keyof CardRecord)[] = ['view', 'version', 'stale', 'view_expires_at'];
const PRESSED_BEFORE = 'cards.event IS NULL AND cards.booking_id = excluded.booking_id';
const OVERWRITE_UNLESS_PRESSED = COLUMNS.slice(2)
  .map((column) =>
    SHOWN.includes(column)
      ? `${column} = CASE WHEN ${PRESSED_BEFORE} THEN cards.${column} ELSE excluded.${column} END`
      : `${column} = excluded.${column}`,
  )
  .join(', ');

function cardOf(row: StoredCard): CardRow {
  const { stale, sent_at, view_expires_at } = row;
  return {
    ...row,
    stale: booleanOf(stale),
    sent_at: dateOf(sent_at),
    view_expires_at: view_expires_at === null ? null : dateOf(view_expires_at),
  };
}

/** Null when there is none. */
export async function findCard(sql: Sql, { chat_id, message_id }: CardMessage): Promise<CardRow | null> {
  const rows = await sql.execute<StoredCard[]>(`${FIND} WHERE chat_id = ? AND message_id = ?`, [chat_id, message_id]);
  return rows.map(cardOf)[0] ?? null;
}

/** What the message shows from now on, whether or not it was known before. */
export async function saveCard(tx: Sql, card: CardRecord): Promise<void> {
  await changeRows(
    tx,
    `${INSERT} VALUES ${placeholders(1, COLUMNS.length)} ON CONFLICT (chat_id, message_id) DO UPDATE SET ${OVERWRITE}`,
    COLUMNS.map((column) => card[column]),
  );
}

/** A message as it was delivered; it is stale from the start if its booking has changed, or was confirmed, meanwhile. */
export interface DeliveredCard extends Omit<CardRecord, 'stale' | 'view_expires_at'> {
  /** Whether the client had confirmed, as the message shows it. */
  is_confirmed: boolean;
}

const DELIVERED_COLUMNS = COLUMNS.filter(
  (column): column is Exclude<keyof DeliveredCard, 'is_confirmed'> =>
    column !== 'stale' && column !== 'view_expires_at',
);
const IS_CONFIRMED = 'COALESCE(confirmed_starts_at = starts_at, FALSE)';
const DELIVERED_VALUES = `(${DELIVERED_COLUMNS.map(() => '?').join(', ')}, COALESCE((SELECT version <> ? OR ${IS_CONFIRMED} <> ? FROM bookings WHERE id = ?), ?))`;

/**
 * In the transaction of the delivery log. What is recorded again stays as people left it; only another message under the
 * same number, which a restarted simulator can give, takes its place.
 */
export async function recordCards(tx: Sql, cards: readonly DeliveredCard[]): Promise<void> {
  for (const chunk of chunksOf(oneEach(cards)))
    await changeRows(
      tx,
      `INSERT INTO cards (${DELIVERED_COLUMNS.join(', ')}, stale) VALUES ${chunk.map(() => DELIVERED_VALUES).join(', ')}
      ON CONFLICT (chat_id, message_id) DO UPDATE SET ${OVERWRITE_UNLESS_PRESSED}
      WHERE cards.event IS NULL OR cards.event <> excluded.event`,
      chunk.flatMap((card) => [
        ...DELIVERED_COLUMNS.map((column) => card[column]),
        card.version,
        card.is_confirmed,
        card.booking_id,
        false,
      ]),
    );
}

/** PostgreSQL refuses to touch a row twice in a statement. */
function oneEach(cards: readonly DeliveredCard[]): DeliveredCard[] {
  return [...new Map(cards.map((card) => [`${card.chat_id}:${card.message_id}`, card])).values()];
}

const IS_NOTIFICATION = `view LIKE '{"kind":"notification"%'`;

/**
 * In the transaction that changed the booking: every message about it is to be edited, and a dialogue about what it was
 * ends.
 * @param by the role of who closed it, for the line that says so
 */
export async function markCardsStale(tx: Sql, bookingId: number, by?: RecipientRole): Promise<void> {
  const view = JSON.stringify({ kind: 'notification', ...(by && { by }) });
  const change = 'UPDATE cards SET stale = ?, view = ?, view_expires_at = NULL WHERE booking_id = ?';
  await changeRows(tx, change, [true, view, bookingId]);
}

/** In the transaction of what is shown beside the booking's facts: menus and dialogues stay open, and show it when they close. */
export async function markNotificationsStale(tx: Sql, bookingId: number): Promise<void> {
  await changeRows(tx, `UPDATE cards SET stale = ? WHERE booking_id = ? AND ${IS_NOTIFICATION}`, [true, bookingId]);
}

/** The message is to be edited once more; not where a menu or a dialogue is open, for every change would have closed it. */
export async function markNotificationStale(tx: Sql, { chat_id, message_id }: CardMessage): Promise<void> {
  const change = `UPDATE cards SET stale = ? WHERE chat_id = ? AND message_id = ? AND ${IS_NOTIFICATION}`;
  await changeRows(tx, change, [true, chat_id, message_id]);
}

/** After the message was edited to show this: stale no more, unless the booking has moved on, or was confirmed, since. */
export async function markCardShown(
  tx: Sql,
  { id, version, is_confirmed }: Pick<CardRow, 'id' | 'version'> & Pick<DeliveredCard, 'is_confirmed'>,
): Promise<void> {
  await changeRows(
    tx,
    `UPDATE cards SET version = ?, stale = ? WHERE id = ?
      AND EXISTS (SELECT 1 FROM bookings WHERE bookings.id = cards.booking_id AND bookings.version = ?
        AND ${IS_CONFIRMED} = ?)`,
    [version, false, id, version, is_confirmed],
  );
}

/** Whether `closeExpiredViews` has anything to do. */
export async function hasExpiredViews(database: Pick<Database, 'read'>, now: Date): Promise<boolean> {
  const rows = await database
    .read()
    .execute('SELECT 1 FROM cards WHERE view_expires_at IS NOT NULL AND view_expires_at <= ? LIMIT 1', [now]);
  return rows.length > 0;
}

/** Ends the dialogues that nobody went on with in time; their messages are to be edited. */
export async function closeExpiredViews(tx: Sql, now: Date): Promise<number> {
  return await changeRows(
    tx,
    `UPDATE cards SET stale = ?, view = '{"kind":"notification"}', view_expires_at = NULL
      WHERE view_expires_at IS NOT NULL AND view_expires_at <= ?`,
    [true, now],
  );
}

export async function forgetCard(tx: Sql, { chat_id, message_id }: CardMessage): Promise<void> {
  await changeRows(tx, 'DELETE FROM cards WHERE chat_id = ? AND message_id = ?', [chat_id, message_id]);
}

/** Those that no bot has retired, the oldest first; answers how many there were. */
export async function deleteCardsSentBefore(
  database: Pick<Database, 'write'>,
  before: Date,
  limit: number,
): Promise<number> {
  const deletion = 'DELETE FROM cards WHERE id IN (SELECT id FROM cards WHERE sent_at < ? ORDER BY sent_at LIMIT ?)';
  return await database.write((tx) => changeRows(tx, deletion, [before, limit]));
}

/** Those to be edited, after `afterId`, by id. */
export async function staleCards(
  database: Pick<Database, 'read'>,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<CardRow[]> {
  const rows = await database
    .read()
    .execute<StoredCard[]>(`${FIND} WHERE stale AND id > ? ORDER BY id LIMIT ?`, [afterId, limit]);
  return rows.map(cardOf);
}

/** Those sent before, oldest first, those after `after`. */
export async function cardsSentBefore(
  database: Pick<Database, 'read'>,
  { before, after, limit }: { before: Date; after?: Pick<CardRow, 'id' | 'sent_at'> | undefined; limit: number },
): Promise<CardRow[]> {
  const rows = await database
    .read()
    .execute<StoredCard[]>(`${FIND} WHERE sent_at < ? AND (sent_at, id) > (?, ?) ORDER BY sent_at, id LIMIT ?`, [
      before,
      after?.sent_at ?? new Date(0),
      after?.id ?? 0,
      limit,
    ]);
  return rows.map(cardOf);
}
