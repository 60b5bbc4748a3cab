import { z } from 'zod';

const keyboard = z.array(z.array(z.object({ text: z.string(), callback_data: z.string() })));
const content = { html: z.string(), keyboard };
const message = { chat_id: z.int(), message_id: z.int() };

/**
 * What the bot does in Telegram after it has acted. Kept as JSON with the update, so that a process which dies in between
 * says it after its restart, and acts no second time.
 */
export const botResponseSchema = z.discriminatedUnion('kind', [
  /** Ends the waiting of a pressed button; `alert` wants a tap to close (Bot API, answerCallbackQuery; ≤ 200 characters). */
  z.object({ kind: z.literal('answer'), query_id: z.string(), text: z.string(), alert: z.boolean() }),
  z.object({ kind: z.literal('send'), chat_id: z.int(), ...content }),
  z.object({ kind: z.literal('edit'), ...message, ...content }),
  /** Other buttons below a message whose text stays. */
  z.object({ kind: z.literal('buttons'), ...message, keyboard }),
  /** Where it is too late to delete (48 h), the buttons go. */
  z.object({ kind: z.literal('delete'), ...message }),
]);
export type BotResponse = z.infer<typeof botResponseSchema>;
