import type { Outcome } from '#actors/outcome.ts';
import type { Channel } from '../domain/events.ts';
import type { ReadyMessage } from './ready-message.ts';
import { dead, type Receipt, returned } from './receipt.ts';

/** Too many go to one push service at the moment; that passes by itself. */
const BUSY = 'web_push_busy';
/** From here on a wait holds up what waits with it. */
const LONG_WAIT_MS = 5000;
/** Nobody offers a message again after more than that. */
const LONGEST_WAIT_MS = 60 * 60_000;

/** The chat takes nothing now, whoever writes to it. Nothing was sent. */
export function chatHeld(forMs: number): Outcome<never> {
  const message = `the chat takes nothing for ${Math.ceil(forMs / 1000)} s`;
  // Only Telegram's own word holds a chat that long.
  const code = forMs > LONGEST_WAIT_MS ? 'telegram_429' : 'chat_held';
  return { kind: 'deferred', failure: { code, message }, delayMs: forMs };
}

/** The outcome as it is, but for a message that is given back rather than waited for. */
export function unlessWaitsLong(
  { person, onLongWait }: Pick<ReadyMessage, 'person' | 'onLongWait'>,
  channel: Channel,
  outcome: Outcome<Receipt>,
): Outcome<Receipt> {
  if (onLongWait === 'defer' || outcome.kind !== 'deferred') return outcome;
  const { failure, delayMs } = outcome;
  // Short waits that one person or one push service may ask for again and again are long ones too.
  const mayRepeat = failure.code === 'telegram_429' || (failure.code.startsWith('web_push') && failure.code !== BUSY);
  if (delayMs < LONG_WAIT_MS && !mayRepeat) return outcome;
  const isHopeless = delayMs > LONGEST_WAIT_MS;
  const receipt = isHopeless ? dead(person, { ...failure, channel }) : returned(person, failure.code);
  return { kind: 'done', receipt };
}
