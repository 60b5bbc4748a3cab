import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from 'grammy';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { TelegramMessage } from '../messages/message.ts';
import type { Logger } from '../observability/log.ts';
import { classifyTelegramError, type TelegramFailure } from './classify-telegram-errors.ts';
import { createWatchedAgent } from './connect-watch.ts';

/** A send without an answer is given up after this; grammY would wait 500 s. Shorter than a stopping process waits. */
const SEND_DEADLINE_MS = 8000;
const PROBE_EVERY_MS = 30_000;
const PROBE_WHEN_DOWN_MS = 3000;

export type TelegramSendResult = { kind: 'delivered'; chat_id: number; message_id: number } | TelegramFailure;

export interface TelegramChannel {
  /** One `sendMessage`, never repeated here. Never rejects for what Telegram or the network did. */
  send(chatId: number, message: TelegramMessage, signal: AbortSignal): Promise<TelegramSendResult>;
  /** Null while Telegram answers, else why it does not. */
  trouble(): string | null;
  /** Watches whether Telegram answers. */
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

type GrammySignal = NonNullable<Parameters<Api['getMe']>[0]>;

export function createTelegramChannel(options: { token: string; apiRoot: string; log: Logger }): TelegramChannel {
  const { log } = options;
  const api = new Api(options.token, {
    apiRoot: options.apiRoot.replace(/\/+$/, ''),
    timeoutSeconds: Math.ceil(SEND_DEADLINE_MS / 1000) + 5,
    baseFetchConfig: { agent: createWatchedAgent(new URL(options.apiRoot).protocol) },
  });
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

  /** grammY's types name another package's AbortSignal; it accepts Node's. */
  async function withDeadline<T>(signal: AbortSignal, call: (signal: GrammySignal) => Promise<T>): Promise<T> {
    const link = linkedSignal(signal);
    const timer = setTimeout(link.abort, SEND_DEADLINE_MS);
    try {
      return await call(link.signal as GrammySignal);
    } finally {
      clearTimeout(timer);
      link.unlink();
    }
  }

  async function probe(): Promise<void> {
    try {
      await withDeadline(stopping.signal, (signal) => api.getMe(signal));
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
      const pauseMs = trouble === null ? PROBE_EVERY_MS : PROBE_WHEN_DOWN_MS;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    async send(chatId, message, signal) {
      try {
        const sent = await withDeadline(signal, (either) =>
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
