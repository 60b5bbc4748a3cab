import type { UnreachableReason } from '../channels/classify-telegram-errors.ts';
import type { Database } from './database.ts';
import { User } from './entities.ts';

/** Remembers that Telegram cannot reach the user, until they act or their `tg_id` is set again. */
export async function markTelegramUnreachable(
  database: Database,
  userId: number,
  reason: UnreachableReason,
): Promise<void> {
  await database.write((tx) => tx.nativeUpdate(User, { id: userId }, { telegram_unreachable: reason }));
}
