import { z } from 'zod';
import type { Failure } from '#streams/dead-letters.ts';
import { OUTCOME_UNKNOWN } from '../domain/broadcasts.ts';
import { CHANNELS } from '../domain/events.ts';

/** How an event ended for one person; kept as JSON in the ledger until it stands in the delivery log. */
export const receiptSchema = z.object({
  user_id: z.int(),
  role: z.enum(['client', 'specialist', 'former_specialist', 'admin']),
  /** `returned`: nothing was sent and nothing is logged; whoever made the event offers this person again. */
  status: z.enum(['delivered', 'suppressed', 'dead', 'returned']),
  /** The one that took it, or that failed last. */
  channel: z.enum(CHANNELS).nullable(),
  /** Why it was suppressed, was returned or died. */
  reason: z.string().nullable(),
  chat_id: z.int().nullable(),
  message_id: z.int().nullable(),
  /** The booking's version that a message with buttons shows; null without buttons. */
  card_version: z.int().nullable().default(null),
  /** Whether the client had confirmed, as that message shows it. */
  is_confirmed: z.boolean().default(false),
});
export type Receipt = z.infer<typeof receiptSchema>;

export type Person = Pick<Receipt, 'user_id' | 'role'>;

const NO_MESSAGE = { chat_id: null, message_id: null, card_version: null, is_confirmed: false } as const;

export function suppressed(person: Person, reason: string): Receipt {
  return { ...person, status: 'suppressed', channel: null, reason, ...NO_MESSAGE };
}

export function returned(person: Person, reason: string): Receipt {
  return { ...suppressed(person, reason), status: 'returned' };
}

/** @param card `card_version` is null where the message has no buttons */
export function deliveredByTelegram(
  person: Person,
  { chat_id, message_id }: { chat_id: number; message_id: number },
  { card_version, is_confirmed }: Pick<Receipt, 'card_version' | 'is_confirmed'>,
): Receipt {
  const message = { chat_id, message_id, card_version, is_confirmed };
  return { ...person, status: 'delivered', channel: 'telegram', reason: null, ...message };
}

export function deliveredByWebPush(person: Person): Receipt {
  return { ...person, status: 'delivered', channel: 'web_push', reason: null, ...NO_MESSAGE };
}

export function dead(person: Person, failure: Failure): Receipt {
  const channel = CHANNELS.find((known) => known === failure.channel) ?? null;
  return { ...suppressed(person, `${failure.code}: ${failure.message}`), status: 'dead', channel };
}

/** It may have arrived, and twice is worse than never. */
export function outcomeUnknown(person: Person, { code, message }: Failure): Receipt {
  return dead(person, { code: OUTCOME_UNKNOWN, message: `${code}: ${message}`, channel: 'telegram' });
}

/** The actor's name of a person. */
export const recipientOf = (userId: number): string => `user:${userId}`;

/** Null for a recipient that is no person. */
export function userIdOf(recipient: string): number | null {
  const [, digits] = /^user:([1-9]\d{0,9})$/.exec(recipient) ?? [];
  return digits === undefined ? null : Number(digits);
}
