import { setTimeout as sleep } from 'node:timers/promises';
import type { TelegramMessage } from '../messages/message.ts';
import type { Logger } from '../observability/log.ts';
import { classifyTelegramError, type TelegramFailure } from './classify-telegram-errors.ts';
import type { TelegramApi } from './telegram-api.ts';

const PROBE_EVERY_MS = 30_000;
const PROBE_WHEN_DOWN_MS = 3000;

export type TelegramSendResult = { kind: 'delivered'; chat_id: number; message_id: number } | TelegramFailure;

export interface TelegramChannel {
  /** One `sendMessage`, never repeated here. Never rejects for what Telegram or the network did. */
  send(chatId: number, message: TelegramMessage, signal: AbortSignal): Promise<TelegramSendResult>;
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
  let trouble: string | null = null;
  let watching: Promise<void> | null = null;

  /** An attempt without an answer tells nothing about Telegram: the next one or the probe does. */
  function note(failure: TelegramFailure | null): void {
    if (failure?.kind === 'unknown') return;
    const now = failure?.kind === 'channel_down' ? `${failure.failure.code}: ${failure.failure.message}` : null;
    if (now !== null && trouble === null) log.warn({ reason: now }, 'Telegram is away; messages wait');
    if (now === null && trouble !== null) log.info({}, 'Telegram answers again');
    trouble = now;
  }

  async function probe(): Promise<void> {
    try {
      await telegram.identify(stopping.signal);
      note(null);
    } catch (error) {
      if (stopping.signal.aborted) return;
      const failure = classifyTelegramError(error);
      note(failure.kind === 'unknown' ? { kind: 'channel_down', failure: failure.failure } : failure);
    }
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await probe();
      const isWell = trouble === null && telegram.me() !== null;
      const pauseMs = isWell ? PROBE_EVERY_MS : PROBE_WHEN_DOWN_MS;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    async send(chatId, message, signal) {
      try {
        const sent = await telegram.call(signal, (api, either) =>
          api.sendMessage(
            chatId,
            message.html,
            {
              parse_mode: 'HTML',
              link_preview_options: { is_disabled: true },
              ...(message.keyboard.length > 0 && { reply_markup: { inline_keyboard: message.keyboard } }),
            },
            either,
          ),
        );
        note(null);
        return { kind: 'delivered', chat_id: sent.chat.id, message_id: sent.message_id };
      } catch (error) {
        const failure = classifyTelegramError(error);
        note(failure);
        return failure;
      }
    },
    trouble: () => trouble,
    start() {
      watching ??= watch();
    },
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
