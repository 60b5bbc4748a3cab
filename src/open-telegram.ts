import type { Redis } from 'ioredis';
import { systemClock } from '#streams/clock.ts';
import { measuredBudget, measureTelegram } from './channels/measured-sends.ts';
import { createChatHolds } from './channels/send-budget/chat-holds.ts';
import { createSendBudget, type SendBudget } from './channels/send-budget/send-budget.ts';
import { createSendGate } from './channels/send-budget/send-gate.ts';
import { createTelegramChannel, type TelegramChannel } from './channels/telegram.ts';
import { createTelegramApi, type TelegramApi } from './channels/telegram-api.ts';
import type { AppConfig } from './config.ts';
import type { Logger } from './observability/log.ts';
import type { SendMetrics } from './observability/send-metrics.ts';

/** Telegram as the configuration has it, and what may be sent there. */
export function openTelegram(deps: {
  config: AppConfig;
  redis: Redis;
  /** Nothing was ever sent from this installation. */
  isNew: boolean;
  metrics: SendMetrics;
  log: Logger;
}): { telegramApi: TelegramApi; telegram: TelegramChannel; sendBudget: SendBudget } {
  const { config, redis, isNew, metrics, log } = deps;
  const telegramApi = createTelegramApi({ token: config.TELEGRAM_BOT_TOKEN, apiRoot: config.TELEGRAM_API_ROOT });
  measureTelegram(telegramApi.api, metrics);
  const sharedKey = `${config.REDIS_KEY_PREFIX}telegram:gate`;
  const gateOf = (key: string, rate: number) =>
    createSendGate({ redis, key, sharedKey, rate, isNew, clock: systemClock });
  const holds = createChatHolds({ redis, key: sharedKey, clock: systemClock, log });
  metrics.heldChats(holds.count);
  const sendBudget = createSendBudget({
    gate: gateOf(sharedKey, config.BROADCAST_RATE_PER_SECOND),
    paidGate: gateOf(`${sharedKey}:paid`, config.PAID_BROADCAST_RATE_PER_SECOND),
    holds,
    clock: systemClock,
    log,
  });
  const telegram = createTelegramChannel({ telegram: telegramApi, log });
  return { telegramApi, telegram, sendBudget: measuredBudget(sendBudget, metrics) };
}
