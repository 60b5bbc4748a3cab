import type { KeptLetter } from '#streams/dead-letter-keeper.ts';
import { userIdOf } from '../dispatch/receipt.ts';
import { formatLetterId, type LetterId } from './letter-id.ts';

/** A dead letter as the API and the command line show it. */
export interface LetterView {
  id: string;
  stream: LetterId['lane'];
  /** Null where it is no JSON object; `raw` then has what there is. */
  event: Record<string, unknown> | null;
  /** All fields of an entry that nobody could be resolved for. */
  raw: Record<string, string> | null;
  /** `user:7`, or `*` for the event as a whole; null for what is no letter and cannot be replayed. */
  recipient: string | null;
  user_id: number | null;
  channel: string | null;
  attempts: number | null;
  /** `code: message`, as the next one. */
  first_error: string | null;
  last_error: string | null;
  first_failed_at: Date | null;
  died_at: Date | null;
}

/**
 * Undefined where the event cannot be read, and for the stream of webhooks: what is dead there ended a process or was written by
 * a stranger, which is the operator's to look at, and the company's message waits in its log all the same.
 */
export const companyOfLetter = ({ stream, event }: LetterView): unknown =>
  stream === 'webhooks' ? undefined : event?.company_id;

export function letterView(id: LetterId, letter: KeptLetter): LetterView {
  const event = readObject(letter.event);
  return {
    id: formatLetterId(id),
    stream: id.lane,
    event,
    raw: letter.raw ?? (event === null ? { event: letter.event ?? '' } : null),
    recipient: letter.recipient,
    user_id: letter.recipient === null ? null : userIdOf(letter.recipient),
    channel: letter.channel,
    attempts: letter.attempts,
    first_error: letter.firstError,
    last_error: letter.lastError,
    first_failed_at: letter.firstFailedAt,
    died_at: letter.diedAt,
  };
}

function readObject(json: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
