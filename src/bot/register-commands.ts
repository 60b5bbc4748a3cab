import type { BotCommand, BotCommandScope, LanguageCode } from 'grammy/types';
import { systemClock } from '#streams/clock.ts';
import { type BotCallFailure, classifyBotCallError } from '../channels/classify-telegram-errors.ts';
import type { TelegramApi } from '../channels/telegram-api.ts';
import type { Logger } from '../observability/log.ts';
import type { Held } from './held.ts';

/** What the bot's menu offers, to whom and in which language (Bot API, setMyCommands). */
export interface CommandList {
  commands: BotCommand[];
  language_code?: LanguageCode;
  scope?: BotCommandScope;
}

/** Nobody waits for it. */
const RETRY_MS = 10_000;

/** Tells Telegram the bot's menus, as soon as it answers. What it refuses is logged. */
export async function registerCommands(deps: {
  telegram: Pick<TelegramApi, 'call'>;
  commands: readonly CommandList[];
  held: Held;
  log: Logger;
  retryMs?: number;
}): Promise<void> {
  const { telegram, commands, held, log, retryMs = RETRY_MS } = deps;

  async function register({ commands: list, ...where }: CommandList): Promise<BotCallFailure | null> {
    try {
      await telegram.call(held.ending, (api, signal) => api.setMyCommands(list, where, signal));
      return null;
    } catch (error) {
      return classifyBotCallError(error);
    }
  }

  for (const list of commands)
    for (let tries = 1; !held.ending.aborted; tries += 1) {
      const failure = await register(list);
      if (failure === null || held.ending.aborted) break;
      if (tries === 1) log.warn({ reason: failure.failure.code }, 'the commands could not be registered');
      if (failure.kind === 'refused') break;
      await systemClock.sleep(failure.kind === 'rate_limited' ? failure.retryAfterMs : retryMs, held.ending);
    }
}
