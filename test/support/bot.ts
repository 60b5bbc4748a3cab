import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Composer } from 'grammy';
import { startTelegramSimulator, type TelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { type Bot, type BotBackground, createBot } from '#src/bot/bot.ts';
import type { BotContext } from '#src/bot/bot-context.ts';
import type { CommandList } from '#src/bot/register-commands.ts';
import { createTelegramApi } from '#src/channels/telegram-api.ts';
import type { Database } from '#src/db/database.ts';
import { createLog } from '#src/observability/log.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { testHandlers } from './bot-handlers.ts';
import { openTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { startTestRedis, type TestRedis } from './redis.ts';
import { UNLIMITED_SENDS } from './send-budget.ts';

export const BOT_TOKEN = '424242:test';

/** What bots stand on; they share all of it. */
export interface BotWorld {
  telegram: TelegramSimulator;
  database: Database;
  redis: TestRedis;
}

export async function openBotWorld(t: TestContext): Promise<BotWorld> {
  const redis = await startTestRedis(t);
  const database = await openTestDatabase(t);
  const telegram = await startTelegramSimulator({ token: BOT_TOKEN, rate: 'unlimited' });
  t.after(() => telegram.stop());
  return { redis, database, telegram };
}

export interface TestBot extends Bot {
  commits(): number;
}

interface BotOptions {
  apiRoot?: string;
  handlers?: Composer<BotContext>;
  commands?: CommandList[];
  background?: BotBackground[];
}

/** A bot with connections of its own, as in a process of its own; stopped with the test. */
export function startBot(
  t: TestContext,
  world: Pick<BotWorld, 'database' | 'redis'> & { telegram?: TelegramSimulator },
  options: BotOptions = {},
): TestBot {
  const log = createLog(process.env.LOG_LEVEL ?? 'silent');
  const redis = connectRedis({ url: world.redis.url, log });
  const apiRoot = options.apiRoot ?? world.telegram?.apiRoot ?? '';
  let commits = 0;
  const bot = createBot({
    sends: UNLIMITED_SENDS,
    telegram: createTelegramApi({ token: BOT_TOKEN, apiRoot }),
    database: world.database,
    redis,
    keyPrefix: '',
    composer: options.handlers ?? testHandlers(() => new Promise(() => undefined)),
    commands: options.commands ?? [],
    background: options.background ?? [],
    onCommitted: () => {
      commits += 1;
    },
    clock: () => new Date(),
    log,
  });
  t.after(async () => {
    await bot.stop(AbortSignal.timeout(1000));
    redis.disconnect();
  });
  bot.start();
  return { ...bot, commits: () => commits };
}

/** The texts that the bot wrote into the chat, oldest first. */
export const said = (telegram: TelegramSimulator, chatId: number): string[] =>
  telegram
    .messages(chatId)
    .filter(({ outgoing }) => outgoing)
    .map(({ text }) => text);

export const untilSaid = (telegram: TelegramSimulator, chatId: number, texts: string[], deadlineMs?: number) =>
  eventually(() => assert.deepEqual(said(telegram, chatId), texts), deadlineMs);

export const calls = (telegram: TelegramSimulator, method: string) =>
  telegram.requests().filter((request) => request.method === method.toLowerCase());
