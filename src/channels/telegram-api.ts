import { Api } from 'grammy';
import type { UserFromGetMe } from 'grammy/types';
import { linkedSignal } from '#streams/linked-signal.ts';
import { createWatchedAgent } from './connect-watch.ts';

/** A call without an answer is given up after this; grammY would wait 500 s. Shorter than a stopping process waits. */
const CALL_DEADLINE_MS = 8000;
/** How long Telegram holds a `getUpdates` that finds nothing. */
export const POLL_SECONDS = 25;
/** Of a `getUpdates` that found nothing and whose answer got lost. */
export const POLL_DEADLINE_MS = POLL_SECONDS * 1000 + CALL_DEADLINE_MS;

type GrammySignal = NonNullable<Parameters<Api['getMe']>[0]>;

/** The Bot API of one bot, shared by all that speaks to Telegram. Nothing is repeated here. */
export interface TelegramApi {
  /** The digits of the token. */
  readonly botId: number;
  readonly api: Api;
  /**
   * One call of `api`, which passes the given signal on: it aborts with `signal`, and when the time is up.
   * @throws what grammY throws; see `classify-telegram-errors.ts`.
   */
  call<T>(signal: AbortSignal, call: (api: Api, signal: GrammySignal) => Promise<T>, deadlineMs?: number): Promise<T>;
  /** `getMe`, whose answer is remembered. */
  identify(signal: AbortSignal): Promise<UserFromGetMe>;
  /** What the last `getMe` said; null before. */
  me(): UserFromGetMe | null;
}

export function createTelegramApi(options: { token: string; apiRoot: string }): TelegramApi {
  const api = new Api(options.token, {
    apiRoot: options.apiRoot.replace(/\/+$/, ''),
    // Ours come first.
    timeoutSeconds: Math.ceil(POLL_DEADLINE_MS / 1000) + 5,
    baseFetchConfig: { agent: createWatchedAgent(new URL(options.apiRoot).protocol) },
  });
  let me: UserFromGetMe | null = null;

  const call: TelegramApi['call'] = async (signal, run, deadlineMs = CALL_DEADLINE_MS) => {
    const link = linkedSignal(signal);
    const timer = setTimeout(link.abort, deadlineMs);
    try {
      // grammY's types name another package's AbortSignal; it accepts Node's.
      return await run(api, link.signal as GrammySignal);
    } finally {
      clearTimeout(timer);
      link.unlink();
    }
  };

  return {
    botId: Number(options.token.split(':', 1)[0]),
    api,
    call,
    async identify(signal) {
      me = await call(signal, (bot, either) => bot.getMe(either));
      return me;
    },
    me: () => me,
  };
}
