import type { Attempt } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import { systemClock } from '#streams/clock.ts';
import type { SendLane } from '../channels/send-budget/send-budget.ts';
import type { TelegramChannel } from '../channels/telegram.ts';
import type { WebPushChannel } from '../channels/web-push/web-push-channel.ts';
import { createDeliveryFactsReader } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { supersession } from '../domain/bookings.ts';
import type { BookingEvent } from '../domain/events.ts';
import { type Recipient, settingsRole } from '../domain/recipients.ts';
import type { Links } from '../links/links.ts';
import type { Logger } from '../observability/log.ts';
import { unlessDatabaseAway } from './database-away.ts';
import { OVERTAKEN } from './overtaken.ts';
import { personOf, type ReadyMessage } from './ready-message.ts';
import { type Receipt, suppressed } from './receipt.ts';
import { createTelegramLeg } from './telegram-leg.ts';
import { createWebPushLeg } from './web-push-leg.ts';

/** For how long what was read counts as the state of now, in ms. */
const FRESH_MS = 20;
const MAX_MISSED = 3;

/** One attempt to tell one person of a booking event, with the facts as they stand now. */
export interface BookingDelivery {
  deliver(event: BookingEvent, recipient: Recipient, attempt: Attempt): Promise<Outcome<Receipt>>;
}

export function createBookingDelivery(deps: {
  database: Database;
  telegram: TelegramChannel;
  sends: Pick<SendLane, 'turn'>;
  webPush: Pick<WebPushChannel, 'send'>;
  links: Pick<Links, 'bookingUrl'>;
  clock(): Date;
  log: Logger;
}): BookingDelivery {
  const { sends } = deps;
  const { monotonicMs } = systemClock;
  const loadFacts = createDeliveryFactsReader(deps.database);
  const telegramLeg = createTelegramLeg(deps);
  const webPushLeg = createWebPushLeg(deps);

  /** The message as it stands now, or why there is none. */
  async function prepare(event: BookingEvent, recipient: Recipient): Promise<ReadyMessage | Outcome<Receipt>> {
    const facts = await loadFacts(event, { userId: recipient.user_id, role: settingsRole(recipient.audience) });
    if (!facts) return without(recipient, 'deleted');
    const stale = supersession(event, facts.state, recipient);
    if (stale) return recipient.otherwise ? await prepare(event, recipient.otherwise) : without(recipient, stale);
    return { kind: 'ready', event, recipient, facts };
  }

  async function sendByWebPush(message: ReadyMessage, attempt: Attempt): Promise<Outcome<Receipt>> {
    const { recipient } = message;
    if (!recipient.channels.includes('web_push')) return without(recipient, silence(message, null));
    const outcome = await webPushLeg.send(message, attempt);
    if (outcome.kind !== 'no_device') return outcome;
    return without(recipient, silence(message, outcome.failure?.code ?? null));
  }

  const read = (event: BookingEvent, recipient: Recipient) => unlessDatabaseAway(() => prepare(event, recipient));

  /** Telegram first; Web Push for those whom it does not reach, or just ceased to reach. */
  async function deliver(event: BookingEvent, recipient: Recipient, attempt: Attempt): Promise<Outcome<Receipt>> {
    let message = await read(event, recipient);
    let readAt = monotonicMs();
    for (let missed = 0; ; ) {
      if (message.kind !== 'ready') return message;
      const chatId = telegramChat(message);
      if (chatId === null) return await sendByWebPush(message, attempt);
      const turn = await sends.turn(attempt.signal);
      if (!turn) return OVERTAKEN;
      // What was read before the wait may have changed. In a process too slow to read within its turns, sending comes first.
      if (monotonicMs() - readAt > FRESH_MS && missed < MAX_MISSED) {
        message = await read(event, recipient);
        readAt = monotonicMs();
        if (message.kind !== 'ready' || telegramChat(message) !== chatId) continue;
      }
      if (!(await turn.begin())) {
        missed += 1;
        continue;
      }
      attempt.leave();
      const outcome = await telegramLeg.send(message, chatId, attempt);
      turn.answered();
      if (outcome.kind !== 'lost') return outcome;
      // With the mark, and with what changed while Telegram answered.
      message = await read(event, recipient);
      readAt = monotonicMs();
    }
  }

  return { deliver };
}

/** Null for those who are not to hear over Telegram. */
function telegramChat({ recipient, facts }: ReadyMessage): number | null {
  const { tg_id, telegram_unreachable } = facts.user;
  return recipient.channels.includes('telegram') && telegram_unreachable === null ? tg_id : null;
}

/** Why nobody could be reached: each channel that they have and the settings leave open says what is wrong with it. */
function silence({ recipient, facts }: ReadyMessage, webPushCode: string | null): string {
  const { tg_id, telegram_unreachable } = facts.user;
  const telegram = tg_id !== null && recipient.channels.includes('telegram') ? telegram_unreachable : null;
  const reasons = [telegram, webPushCode].filter((reason) => reason !== null);
  return reasons.length === 0 ? 'no_channel' : `unreachable:${reasons.join(',')}`;
}

function without(recipient: Recipient, reason: string): Outcome<Receipt> {
  return { kind: 'done', receipt: suppressed(personOf(recipient), reason) };
}
