import { Composer } from 'grammy';
import type { Redis } from 'ioredis';
import type { BookingService } from './bookings/booking-service.ts';
import { type Bot, createBot } from './bot/bot.ts';
import type { BotContext } from './bot/bot-context.ts';
import { BOT_COMMANDS, commandHandlers } from './bot/commands.ts';
import { confirmationHandlers } from './bot/confirmation.ts';
import { editFlowHandlers } from './bot/edit-flow.ts';
import { linkingHandlers } from './bot/linking.ts';
import { livingCards } from './bot/living-cards.ts';
import { rescheduleHandlers } from './bot/reschedule.ts';
import type { SendBudget } from './channels/send-budget/send-budget.ts';
import type { TelegramApi } from './channels/telegram-api.ts';
import type { Config } from './config.ts';
import type { Bell } from './db/bell.ts';
import type { Database } from './db/database.ts';
import type { LinkSigner } from './links/link-signer.ts';
import type { Logger } from './observability/log.ts';
import type { Tracer } from './observability/tracer.ts';

/** The bot with all that it answers to. */
export function openBot(deps: {
  config: Config;
  telegram: TelegramApi;
  sendBudget: SendBudget;
  database: Database;
  bookings: BookingService;
  linkSigner: LinkSigner;
  redis: Redis;
  /** Told after each commit of a handler; must not throw. */
  onCommitted: () => void;
  /** Rung after each commit of this process. */
  committed: Bell;
  clock: () => Date;
  log: Logger;
  tracer: Tracer;
}): Bot {
  return createBot({
    ...deps,
    sends: deps.sendBudget.p2p,
    keyPrefix: deps.config.REDIS_KEY_PREFIX,
    composer: new Composer<BotContext>(
      linkingHandlers(deps),
      editFlowHandlers(deps),
      confirmationHandlers(deps),
      rescheduleHandlers(deps),
      commandHandlers(),
    ),
    commands: BOT_COMMANDS,
    background: [livingCards({ ...deps, bell: deps.committed })],
  });
}
