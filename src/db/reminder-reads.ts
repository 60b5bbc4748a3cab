import { createBatcher } from '#streams/batcher.ts';
import type { Database } from './database.ts';
import { type RemindedBooking, remindedBooking, type StoredCase, storedCases } from './reminder-work.ts';

/** As many as share a statement elsewhere at the send. */
const MAX_ASKED = 16;

/**
 * A booking with what was decided on the reminders of its present start; null when there is none. Questions of one tick share a
 * statement.
 */
export function createReminderReader(
  database: Pick<Database, 'read'>,
): (bookingId: number) => Promise<RemindedBooking | null> {
  const batcher = createBatcher<number, StoredCase | undefined>({
    maxSize: MAX_ASKED,
    async flush(ids) {
      const found = new Map((await storedCases(database.read(), ids)).map((stored) => [stored.id, stored]));
      return ids.map((id) => found.get(id));
    },
  });
  return async (bookingId) => {
    const stored = await batcher.add(bookingId);
    return stored ? remindedBooking(stored) : null;
  };
}
