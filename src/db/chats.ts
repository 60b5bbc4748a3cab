import type { UnreachableReason } from '../channels/classify-telegram-errors.ts';
import type { Locale } from '../domain/events.ts';
import type { Sql } from './database.ts';
import { User } from './entities.ts';
import { changeRows } from './statement.ts';
import { type Lost, tellUnreachable } from './unreachable-facts.ts';

/** A group of a company's admins is a user of their role, whose `tg_id` is the group's (negative) id. */
export interface GroupChat {
  company_id: number;
  chat_id: number;
  title: string;
}

/** Of all users with this account or group, whether Telegram reaches them; null: it does. Answers how many changed. */
export async function setReachability(
  tx: Sql,
  tgId: number,
  { reason, now }: { reason: UnreachableReason | null; now: Date },
): Promise<number> {
  if (reason === null)
    return await changeRows(
      tx,
      'UPDATE users SET telegram_unreachable = NULL WHERE tg_id = ? AND telegram_unreachable IS NOT NULL',
      [tgId],
    );
  const lost = await tx.execute<Lost[]>(
    'SELECT id, company_id FROM users WHERE tg_id = ? AND telegram_unreachable IS NULL',
    [tgId],
  );
  await tellUnreachable(tx, lost, { channel: 'telegram', reason, now });
  return await changeRows(tx, 'UPDATE users SET telegram_unreachable = ? WHERE tg_id = ?', [reason, tgId]);
}

/** Ties the chat to one user, and the user to no other chat. */
export async function setChat(tx: Sql, userId: number, tgId: number): Promise<void> {
  await changeRows(tx, 'UPDATE users SET tg_id = ?, telegram_unreachable = NULL WHERE id = ? AND erased_at IS NULL', [
    tgId,
    userId,
  ]);
}

/** Makes the group hear of the company. False when it did already. */
export async function linkGroup(
  tx: Sql,
  { company_id, chat_id, title, locale, now }: GroupChat & { locale: Locale; now: Date },
): Promise<boolean> {
  const [known] = await tx.execute<{ telegram_unreachable: string | null }[]>(
    'SELECT telegram_unreachable FROM users WHERE tg_id = ? AND company_id = ?',
    [chat_id, company_id],
  );
  if (!known) {
    const group = { company_id, role: 'admin', name: title, tg_id: chat_id, locale, ads_opt_out: false } as const;
    await tx.insert(User, { ...group, created_at: now });
    return true;
  }
  const revive = 'UPDATE users SET telegram_unreachable = NULL, name = ? WHERE tg_id = ? AND company_id = ?';
  await changeRows(tx, revive, [title, chat_id, company_id]);
  return known.telegram_unreachable !== null;
}

/** The title of a group in which the company's admins hear now; null where they hear by themselves. */
export async function listeningGroup(sql: Sql, companyId: number): Promise<string | null> {
  const [group] = await sql.execute<{ name: string }[]>(
    `SELECT name FROM users
      WHERE company_id = ? AND role = 'admin' AND tg_id < 0 AND telegram_unreachable IS NULL ORDER BY id LIMIT 1`,
    [companyId],
  );
  return group?.name ?? null;
}

const IN_A_BOOKING = `EXISTS (SELECT 1 FROM bookings WHERE client_id = users.id)
  OR EXISTS (SELECT 1 FROM bookings WHERE specialist_id = users.id)`;

/** Takes the company's admins out of the group. False when they were not in it. */
export async function unlinkGroup(tx: Sql, { company_id, chat_id }: Omit<GroupChat, 'title'>): Promise<boolean> {
  const group = [chat_id, company_id];
  // Nothing keeps a back end from booking with a group's user: then the booking keeps the row, and the row loses its chat.
  const kept = `UPDATE users SET tg_id = NULL WHERE tg_id = ? AND company_id = ? AND (${IN_A_BOOKING})`;
  const changed = await changeRows(tx, kept, group);
  return changed + (await changeRows(tx, 'DELETE FROM users WHERE tg_id = ? AND company_id = ?', group)) > 0;
}

export async function renameGroup(tx: Sql, chatId: number, title: string): Promise<void> {
  await changeRows(tx, 'UPDATE users SET name = ? WHERE tg_id = ?', [title, chatId]);
}

/**
 * The group has become a supergroup with an id of its own (Bot API, Message: `migrate_to_chat_id`). Its messages stay
 * behind in the old chat, which nobody can edit any more, and message ids begin anew: the cards are forgotten.
 */
export async function moveGroup(tx: Sql, { from, to }: { from: number; to: number }): Promise<void> {
  if (from === to) return;
  const companies = await tx.execute<{ company_id: number }[]>('SELECT company_id FROM users WHERE tg_id = ?', [from]);
  // Somebody may have linked the new chat meanwhile: the older user goes on, for what is under way is for them.
  for (const { company_id } of companies) await unlinkGroup(tx, { company_id, chat_id: to });
  await changeRows(tx, 'UPDATE users SET tg_id = ?, telegram_unreachable = NULL WHERE tg_id = ?', [to, from]);
  await changeRows(tx, 'DELETE FROM cards WHERE chat_id = ?', [from]);
}
