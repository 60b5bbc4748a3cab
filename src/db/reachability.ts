import type { UnreachableReason } from '../channels/classify-telegram-errors.ts';
import { moveGroup, setReachability } from './chats.ts';
import type { Database } from './database.ts';
import { changeRows } from './statement.ts';
import { type Lost, tellUnreachable } from './unreachable-facts.ts';

/**
 * Remembers that Telegram cannot reach the user, until they act or their `tg_id` is set again. False when `chatId` is not
 * theirs any more: a late answer about an old chat says nothing about the new one.
 */
export async function markTelegramUnreachable(
  database: Database,
  { userId, chatId, reason, now }: { userId: number; chatId: number; reason: UnreachableReason; now: Date },
): Promise<boolean> {
  const mark = 'UPDATE users SET telegram_unreachable = ? WHERE id = ? AND tg_id = ?';
  const reached = 'SELECT id, company_id FROM users WHERE id = ? AND tg_id = ? AND telegram_unreachable IS NULL';
  return await database.write(async (tx) => {
    const lost = await tx.execute<Lost[]>(reached, [userId, chatId]);
    await tellUnreachable(tx, lost, { channel: 'telegram', reason, now });
    return (await changeRows(tx, mark, [reason, userId, chatId])) > 0;
  });
}

/** As `markTelegramUnreachable`, for everybody whose chat this is. */
export async function markChatUnreachable(
  database: Database,
  chatId: number,
  mark: { reason: UnreachableReason; now: Date },
): Promise<void> {
  await database.write((tx) => setReachability(tx, chatId, mark));
}

/** Telegram gave the group a new id (Bot API, ResponseParameters `migrate_to_chat_id`): what is said to it goes there. */
export async function moveChat(database: Database, from: number, to: number): Promise<void> {
  await database.write((tx) => moveGroup(tx, { from, to }));
}
