import { setMaxListeners } from 'node:events';
import type { Composer } from 'grammy';
import type { Update, UserFromGetMe } from 'grammy/types';
import type { Redis } from 'ioredis';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { systemClock } from '#streams/clock.ts';
import type { HeldLease } from '#streams/lease.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { SendLane } from '../channels/send-budget/send-budget.ts';
import type { TelegramApi } from '../channels/telegram-api.ts';
import { createBell } from '../db/bell.ts';
import type { Database } from '../db/database.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { Tracer } from '../observability/tracer.ts';
import { createLeaseHolder } from '../redis/lease-holder.ts';
import type { BotContext } from './bot-context.ts';
import { type ChatQueue, createChatQueue } from './chat-queue.ts';
import type { Held } from './held.ts';
import { type CommandList, registerCommands } from './register-commands.ts';
import { createResponder, type Responder } from './responder.ts';
import { createUpdateHandler } from './update-handler.ts';
import { createUpdateInbox } from './update-inbox.ts';
import { createUpdatePoller } from './update-poller.ts';
import { createUpdateReader } from './update-reader.ts';
import { createUpdateStore } from './update-store.ts';

/** Below a second, so that a rolling deploy is hardly noticed. */
const ASK_AGAIN_MS = 250;

/** What work beside the updates shows things with: in the chat's turn, and through the same bounds. */
export interface BotTools {
  chatQueue: ChatQueue;
  responder: Responder;
}

/** Work beside the updates, by the same lease. Ends soon after `held.ending` aborts; when it throws, it is begun again. */
export type BotBackground = (held: Held, tools: BotTools) => Promise<void>;

/** Listens to Telegram in one process at a time, whichever has the lease, and answers each update once. */
export interface Bot {
  start(): void;
  /** Asks for no more updates, lets handlers under way end (their calls are aborted at the deadline), gives the lease up. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
  /** Why the bot does not listen; null while it does, here or in another process. */
  trouble(): string | null;
}

export interface BotDeps {
  telegram: TelegramApi;
  sends: Pick<SendLane, 'turn' | 'refused'>;
  database: Database;
  redis: Redis;
  /** REDIS_KEY_PREFIX. */
  keyPrefix: string;
  composer: Composer<BotContext>;
  commands: readonly CommandList[];
  background: readonly BotBackground[];
  /** Told after each commit of a handler; must not throw. */
  onCommitted(): void;
  clock: () => Date;
  log: Logger;
  tracer?: Tracer;
}

export function createBot(deps: BotDeps): Bot {
  const { telegram, sends, database, redis, keyPrefix, commands, background, log } = deps;
  const overdue = new AbortController();
  const bell = createBell();
  const chatQueue = createChatQueue();
  const inbox = createUpdateInbox({ ...deps, botId: telegram.botId });
  const responder = createResponder({ telegram, sends, database, log });
  const handler = createUpdateHandler({ ...deps, api: telegram.api, inbox, responder });
  const reader = createUpdateReader({ inbox, handler, chatQueue, bell });
  const storeUpdates = createUpdateStore({ inbox, log });
  const poller = createUpdatePoller({ telegram, store, log });
  let leaseTrouble: string | null = null;

  async function store(updates: Update[]): Promise<void> {
    await storeUpdates(updates);
    bell.ring();
  }

  /** Begins it again when it throws. */
  async function keepUp(part: string, work: () => Promise<void>, ending: AbortSignal): Promise<void> {
    for (let tries = 1; !ending.aborted; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (ending.aborted) return;
        const say = tries === 1 ? log.warn : log.debug;
        say.call(log, { part, reason: errorCode(error) }, 'a part of the bot is begun again');
        await systemClock.sleep(reconnectDelayMs(tries), ending);
      }
    }
  }

  async function readUpdates(held: Held): Promise<void> {
    const me: UserFromGetMe = telegram.me() ?? (await telegram.identify(held.ending));
    await reader.run({ ...held, me });
  }

  async function hold(lease: HeldLease, stopping: AbortSignal): Promise<void> {
    const [ending, cut] = [linkedSignal(stopping, lease.lost), linkedSignal(overdue.signal, lease.lost)];
    const isCurrent = () => systemClock.monotonicMs() < lease.validUntil();
    const held: Held = { ending: ending.signal, cut: cut.signal, isCurrent };
    setMaxListeners(0, held.ending, held.cut);
    log.info({ epoch: lease.epoch }, 'the bot listens');
    const parts: [string, () => Promise<void>][] = [
      ['poller', () => poller.run(held.ending)],
      ['reader', () => readUpdates(held)],
      ['commands', () => registerCommands({ telegram, commands, held, log })],
      ...background.map((work): [string, () => Promise<void>] => [
        'background',
        () => work(held, { chatQueue, responder }),
      ]),
    ];
    try {
      await Promise.all(parts.map(([part, work]) => keepUp(part, work, held.ending)));
      await chatQueue.idle();
    } finally {
      ending.unlink();
      cut.unlink();
    }
  }

  const holder = createLeaseHolder({
    redis,
    key: `${keyPrefix}bot:lease`,
    epochKey: `${keyPrefix}bot:epoch`,
    askAgainMs: ASK_AGAIN_MS,
    work: hold,
    asked: () => {
      leaseTrouble = null;
    },
    interrupted(error, { failures, retryInMs }) {
      const reason = errorCode(error);
      leaseTrouble = `no lease to listen: ${reason}`;
      const say = failures === 1 ? log.warn : log.debug;
      say.call(log, { reason, retryInMs }, 'the bot does not listen; updates wait at Telegram');
    },
    log,
  });

  return {
    start: holder.start,
    async stop(deadline) {
      const end = () => overdue.abort(deadline.reason);
      if (deadline.aborted) end();
      deadline.addEventListener('abort', end, { once: true });
      await holder.stop();
      deadline.removeEventListener('abort', end);
    },
    trouble: () => leaseTrouble ?? poller.trouble(),
  };
}
