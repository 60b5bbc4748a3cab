import type { Redis } from 'ioredis';
import { systemClock } from '#streams/clock.ts';
import { createChatHolds } from './channels/send-budget/chat-holds.ts';
import { createSendBudget, type SendBudget } from './channels/send-budget/send-budget.ts';
import { createSendGate } from './channels/send-budget/send-gate.ts';
import { createTelegramChannel, type TelegramChannel } from './channels/telegram.ts';
import { createTelegramApi, type TelegramApi } from './channels/telegram-api.ts';
import type { AppConfig } from './config.ts';
import type { Logger } from './observability/log.ts';

/** Telegram as the configuration has it, and what may be sent there. */
export function openTelegram(deps: {
  config: AppConfig;
  redis: Redis;
  /** Nothing was ever sent from this installation. */
  isNew: boolean;
  log: Logger;
}): { telegramApi: TelegramApi; telegram: TelegramChannel; sendBudget: SendBudget } {
  const { config, redis, isNew, log } = deps;
  const telegramApi = createTelegramApi({ token: config.TELEGRAM_BOT_TOKEN, apiRoot: config.TELEGRAM_API_ROOT });
  const sharedKey = `${config.REDIS_KEY_PREFIX}telegram:gate`;
  const gateOf = (key: string, rate: number) =>
    createSendGate({ redis, key, sharedKey, rate, isNew, clock: systemClock });
  const sendBudget = createSendBudget({
    gate: gateOf(sharedKey, config.BROADCAST_RATE_PER_SECOND),
    paidGate: gateOf(`${sharedKey}:paid`, config.PAID_BROADCAST_RATE_PER_SECOND),
    holds: createChatHolds({ redis, key: sharedKey, clock: systemClock, log }),
    clock: systemClock,
    log,
  });
  return { telegramApi, telegram: createTelegramChannel({ telegram: telegramApi, log }), sendBudget };
}
