import { setTimeout as sleep } from 'node:timers/promises';
import { Api, GrammyError } from 'grammy';
import { TELEGRAM_BOT_TOKEN } from './salons.ts';

/** What the peers send. */
export interface OutgoingMessage {
  chat_id: number;
  text: string;
}

export const createApi = (apiRoot: string): Api => new Api(TELEGRAM_BOT_TOKEN, { apiRoot, timeoutSeconds: 8 });

/** The wait that a 429 asks for, in ms; null for any other error. */
export function retryAfterMs(error: unknown): number | null {
  if (!(error instanceof GrammyError) || error.error_code !== 429) return null;
  return (error.parameters.retry_after ?? 1) * 1000;
}

/** Again after each 429, as long as it asks to wait. */
export async function sendPatiently(api: Api, { chat_id, text }: OutgoingMessage): Promise<void> {
  for (;;) {
    try {
      await api.sendMessage(chat_id, text, { parse_mode: 'HTML' });
      return;
    } catch (error) {
      const waitMs = retryAfterMs(error);
      if (waitMs === null) throw error;
      await sleep(waitMs);
    }
  }
}
