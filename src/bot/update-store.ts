import type { Update } from 'grammy/types';
import { z } from 'zod';
import type { ReceivedUpdate } from '../db/bot-updates.ts';
import { isDatabaseAway } from '../db/errors.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { UpdateInbox } from './update-inbox.ts';

const withId = z.looseObject({ id: z.int() });
const placed = z.looseObject({
  chat: withId.optional().catch(undefined),
  message: z.looseObject({ chat: withId }).optional().catch(undefined),
  from: withId.optional().catch(undefined),
});

/** The chat whose updates keep their order: where it happened, else the person who did it; 0 for neither. */
export function chatOf({ update_id: _, ...contents }: Update): number {
  for (const content of Object.values(contents)) {
    const { data } = placed.safeParse(content);
    const id = data?.chat?.id ?? data?.message?.chat.id ?? data?.from?.id;
    if (id !== undefined) return id;
  }
  return 0;
}

const received = (update: Update): ReceivedUpdate => ({
  update_id: update.update_id,
  chat_id: chatOf(update),
  body: JSON.stringify(update),
});

/**
 * Puts a batch into the inbox. An update that the database refuses is given up with an error in the log: Telegram would give
 * it again for ever, and nothing behind it.
 * @returns rejects while the database is away
 */
export function createUpdateStore(deps: {
  inbox: Pick<UpdateInbox, 'store'>;
  log: Logger;
}): (updates: readonly Update[]) => Promise<void> {
  const { inbox, log } = deps;

  async function storeAlone(update: ReceivedUpdate): Promise<void> {
    try {
      await inbox.store([update]);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      log.error(
        { update_id: update.update_id, reason: errorCode(error) },
        'the database refuses this update; it is lost',
      );
    }
  }

  return async (updates) => {
    const batch = updates.map(received);
    try {
      await inbox.store(batch);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      for (const update of batch) await storeAlone(update);
    }
  };
}
