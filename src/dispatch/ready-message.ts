import type { PushNotification } from '../channels/web-push/push-notification.ts';
import type { PushOptions } from '../channels/web-push/push-options.ts';
import type { Channel } from '../domain/events.ts';
import type { TelegramMessage } from '../messages/message.ts';
import type { Person } from './receipt.ts';

/** A message that still holds, for whichever channel takes it; the facts in it are those of the moment when it was read. */
export interface ReadyMessage {
  kind: 'ready';
  /** As they appear in the receipt. */
  person: Person;
  company_id: number;
  /** What the message tells of. `ts` is Unix time in seconds. */
  event: { id: string; type: string; ts: number };
  /** Those that may be used. */
  channels: readonly Channel[];
  tg_id: number | null;
  /** Null while Telegram reaches them. */
  telegram_unreachable: string | null;
  /**
   * Rendered when its send is granted. `card_version` is that of the card the message becomes, null for none; `is_confirmed` says
   * whether the client had confirmed.
   */
  toTelegram(): { message: TelegramMessage; card_version: number | null; is_confirmed?: boolean };
  /** As `toTelegram`; null when there is nothing to say over Web Push. */
  toWebPush(): { notification: PushNotification; options: PushOptions } | null;
  /** It comes without a sound: its person has quiet hours now. */
  silent: boolean;
  /** When nobody knows whether Telegram took it: a second time is better than never, or not. */
  whenUnknown: 'retry' | 'give_up';
  /** A long wait is waited for (`defer`), or the delivery is given back, so that nothing else waits with it (`return`). */
  onLongWait: 'defer' | 'return';
  /** Goes at the paid rate (Bot API, `allow_paid_broadcast`). */
  paid: boolean;
}
