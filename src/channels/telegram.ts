import { createBell } from '../db/bell.ts';
import type { TelegramMessage } from '../messages/message.ts';
import { plainText } from '../messages/plain-text.ts';
import type { Logger } from '../observability/log.ts';
import { classifyTelegramError, type TelegramFailure } from './classify-telegram-errors.ts';
import type { TelegramApi } from './telegram-api.ts';

const PROBE_EVERY_MS = 30_000;
const PROBE_WHEN_DOWN_MS = 3000;

export type TelegramSendResult = { kind: 'delivered'; chat_id: number; message_id: number } | TelegramFailure;

type ChannelDown = Extract<TelegramFailure, { kind: 'channel_down' }>;

/** How a message is sent. */
export interface SendManner {
  /** Without its formatting, and cut where it is too long: when Telegram did not take the HTML. */
  asText?: boolean;
  /** Above the free rate, for Stars (Bot API, `allow_paid_broadcast`). */
  paid?: boolean;
  /** Without a sound (Bot API, sendMessage: `disable_notification`). */
  silent?: boolean;
}

export interface TelegramChannel {
  /**
   * One `sendMessage`, never repeated here. Never rejects for what Telegram or the network did. Once the token was refused,
   * `channel_down` without a call, until a probe finds it accepted.
   */
  send(chatId: number, message: TelegramMessage, signal: AbortSignal, manner?: SendManner): Promise<TelegramSendResult>;
  /** Null while Telegram answers, else why it does not. */
  trouble(): string | null;
  /** Watches whether Telegram answers, which also tells the bot's name. */
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

export function createTelegramChannel(deps: { telegram: TelegramApi; log: Logger }): TelegramChannel {
  const { telegram, log } = deps;
  const stopping = new AbortController();
  const tokenRefused = createBell();
  let down: ChannelDown | null = null;
  let watching: Promise<void> | null = null;

  /** An attempt without an answer tells nothing about Telegram: the next one or the probe does. */
  function note(failure: TelegramFailure | null): void {
    // Other answers may be older than the refusal, or say nothing of the token: the probe is to ask again.
    if (failure?.kind === 'unknown' || down?.tokenRefused) return;
    const now = failure?.kind === 'channel_down' ? failure : null;
    if (now?.tokenRefused) refuse(now);
    else if (now && !down) log.warn({ reason: reasonOf(now) }, 'Telegram is away; messages wait');
    else if (!now && down) log.info({}, 'Telegram answers again');
    down = now;
  }

  function refuse(now: ChannelDown): void {
    log.error({ reason: reasonOf(now) }, 'Telegram refuses the bot token; nothing is sent until it is accepted');
    tokenRefused.ring();
  }

  async function probe(): Promise<void> {
    try {
      await telegram.identify(stopping.signal);
      if (down) log.info({}, 'Telegram answers again');
      down = null;
    } catch (error) {
      if (stopping.signal.aborted) return;
      const failure = classifyTelegramError(error);
      note(failure.kind === 'unknown' ? { ...failure, kind: 'channel_down', tokenRefused: false } : failure);
    }
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await probe();
      const isWell = down === null && telegram.me() !== null;
      await tokenRefused.next()(stopping.signal, isWell ? PROBE_EVERY_MS : PROBE_WHEN_DOWN_MS);
    }
  }

  return {
    async send(chatId, message, signal, { asText = false, paid = false, silent = false } = {}) {
      if (down?.tokenRefused) return down;
      const text = asText ? plainText(message.html) : message.html;
      const options = {
        ...(!asText && { parse_mode: 'HTML' as const }),
        link_preview_options: { is_disabled: true },
        ...(message.keyboard.length > 0 && { reply_markup: { inline_keyboard: message.keyboard } }),
        ...(paid && { allow_paid_broadcast: true }),
        ...(silent && { disable_notification: true }),
      };
      try {
        const sent = await telegram.call(signal, (api, either) => api.sendMessage(chatId, text, options, either));
        note(null);
        return { kind: 'delivered', chat_id: sent.chat.id, message_id: sent.message_id };
      } catch (error) {
        const failure = classifyTelegramError(error);
        note(failure);
        return failure;
      }
    },
    trouble: () => down && reasonOf(down),
    start() {
      watching ??= watch();
    },
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

function reasonOf({ failure }: ChannelDown): string {
  return `${failure.code}: ${failure.message}`;
}
