import type { Outcome } from '#actors/outcome.ts';
import { systemClock } from '#streams/clock.ts';
import type { SendLane } from '../channels/send-budget/send-budget.ts';
import type { TelegramChannel } from '../channels/telegram.ts';
import type { WebPushChannel } from '../channels/web-push/web-push-channel.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../observability/log.ts';
import { NO_TRACER, type Tracer } from '../observability/tracer.ts';
import { unlessDatabaseAway } from './database-away.ts';
import type { TracedAttempt } from './delivery-watch.ts';
import { chatHeld, unlessWaitsLong } from './long-waits.ts';
import { OVERTAKEN } from './overtaken.ts';
import type { ReadyMessage } from './ready-message.ts';
import { type Person, type Receipt, suppressed } from './receipt.ts';
import { createSendSpan } from './send-span.ts';
import { createTelegramLeg } from './telegram-leg.ts';
import { createWebPushLeg } from './web-push-leg.ts';

/** For how long what was read counts as the state of now, in ms. */
const FRESH_MS = 20;
const MAX_MISSED = 3;

type Turns = Pick<SendLane, 'turn' | 'refused'>;

/** The message as it stands now, or why there is none. Asked again whenever time has passed. */
export type ReadMessage = () => Promise<ReadyMessage | Outcome<Receipt>>;

/** One attempt to tell one person something: Telegram first; Web Push for those whom it does not reach, or just ceased to reach. */
export interface PersonDelivery {
  deliver(read: ReadMessage, attempt: TracedAttempt): Promise<Outcome<Receipt>>;
}

/**
 * @param sends of the lane
 * @param paidSends for paid messages, whatever the lane
 */
export function createPersonDelivery(deps: {
  database: Database;
  telegram: TelegramChannel;
  sends: Turns;
  paidSends: Turns;
  webPush: Pick<WebPushChannel, 'send'>;
  tracer?: Tracer;
  clock(): Date;
  log: Logger;
}): PersonDelivery {
  const { sends, paidSends } = deps;
  const { monotonicMs } = systemClock;
  const sendSpan = createSendSpan(deps.tracer ?? NO_TRACER);
  const telegramLeg = createTelegramLeg(deps);
  const webPushLeg = createWebPushLeg(deps);

  async function sendByWebPush(message: ReadyMessage, attempt: TracedAttempt): Promise<Outcome<Receipt>> {
    const { person, channels } = message;
    if (!channels.includes('web_push')) return without(person, silence(message, null));
    if (!(await attempt.begin())) return OVERTAKEN;
    const outcome = await sendSpan('web_push', attempt, () => webPushLeg.send(message, attempt));
    if (outcome.kind === 'no_content') return without(person, silence(message, null, 'no_push_content'));
    if (outcome.kind === 'no_device') return without(person, silence(message, outcome.failure?.code ?? null));
    return unlessWaitsLong(message, 'web_push', outcome);
  }

  async function deliver(read: ReadMessage, attempt: TracedAttempt): Promise<Outcome<Receipt>> {
    const readNow = async () => ({ message: await unlessDatabaseAway(read), readAt: monotonicMs() });
    let { message, readAt } = await readNow();
    for (let missed = 0; ; ) {
      if (message.kind !== 'ready') return message;
      const chatId = telegramChat(message);
      if (chatId === null) return await sendByWebPush(message, attempt);
      const from = message.paid ? paidSends : sends;
      const turn = await from.turn(chatId, attempt.signal);
      if (!turn) return OVERTAKEN;
      if (turn.kind === 'chat_held') return unlessWaitsLong(message, 'telegram', chatHeld(turn.forMs));
      // What was read before the wait may have changed. In a process too slow to read within its turns, sending comes first.
      if (monotonicMs() - readAt > FRESH_MS && missed < MAX_MISSED) {
        ({ message, readAt } = await readNow());
        if (message.kind !== 'ready' || telegramChat(message) !== chatId) {
          turn.giveBack();
          continue;
        }
      }
      if (!(await turn.begin())) {
        missed += 1;
        continue;
      }
      // Only now: at a crash nobody counts as told who was but waiting. Should the word take long, the gate hears of it by `answered`.
      if (!(await attempt.begin())) {
        turn.giveBack();
        return OVERTAKEN;
      }
      attempt.leave();
      const departure = { chatId, turn, sends: from };
      const ready = message;
      const outcome = await sendSpan('telegram', attempt, () => telegramLeg.send(ready, departure, attempt));
      if (outcome.kind !== 'lost' && outcome.kind !== 'rejected') return unlessWaitsLong(message, 'telegram', outcome);
      // With the mark, and with what changed while Telegram answered.
      ({ message, readAt } = await readNow());
    }
  }

  return { deliver };
}

/** Null for those who are not to hear over Telegram. */
function telegramChat({ channels, tg_id, telegram_unreachable }: ReadyMessage): number | null {
  return channels.includes('telegram') && telegram_unreachable === null ? tg_id : null;
}

/** Why nobody could be reached: each channel that they have and that may be used says what is wrong with it. */
function silence(message: ReadyMessage, webPushCode: string | null, otherwise = 'no_channel'): string {
  const { channels, tg_id, telegram_unreachable } = message;
  const telegram = tg_id !== null && channels.includes('telegram') ? telegram_unreachable : null;
  const reasons = [telegram, webPushCode].filter((reason) => reason !== null);
  return reasons.length === 0 ? otherwise : `unreachable:${reasons.join(',')}`;
}

function without(person: Person, reason: string): Outcome<Receipt> {
  return { kind: 'done', receipt: suppressed(person, reason) };
}
