import { createRunner, createSource, createUpdateFetcher, type UpdateSink } from '@grammyjs/runner';
import type { Update } from 'grammy/types';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { systemClock } from '#streams/clock.ts';
import { type BotCallFailure, classifyBotCallError } from '../channels/classify-telegram-errors.ts';
import { POLL_DEADLINE_MS, POLL_SECONDS, type TelegramApi } from '../channels/telegram-api.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';

/** What `getUpdates` gives at most (Bot API). */
const MAX_UPDATES = 100;
/** Named, because a list that an earlier version set would stay; Telegram leaves `my_chat_member` out of an unnamed one. */
const ALLOWED_UPDATES = ['message', 'callback_query', 'my_chat_member'] as const;
/** After a failure: long enough that another poller would show, short enough that the end of the trouble does. */
const FIRST_POLL_SECONDS = 5;
/**
 * After so long without updates a question begins without an offset: all is confirmed by then, and after a week Telegram may
 * count from a lower number (Bot API, Update: `update_id`), which the old offset would confirm unseen.
 */
const OFFSET_TTL_MS = 3_600_000;
const REFUSED_TOKEN_RETRY_MS = 3000;
const CONFLICT_FIRST_RETRY_MS = 1000;
const CONFLICT_MAX_RETRY_MS = 30_000;

/** Asks Telegram for updates. */
export interface UpdatePoller {
  /**
   * Until `ending` aborts. An update is confirmed, by the next question's `offset`, only after `store` has resolved; what was not
   * confirmed comes again. Never rejects.
   */
  run(ending: AbortSignal): Promise<void>;
  /** What a person must mend: the token, or a second poller. Null otherwise. */
  trouble(): string | null;
}

/** Carries the class of a failed `getUpdates` through the runner, which would act on grammY's own errors by itself. */
class PollFailed extends Error {
  readonly why: BotCallFailure;

  constructor(why: BotCallFailure) {
    super(why.failure.message);
    this.why = why;
  }
}

const isNumbered = ({ update_id }: Update): boolean => Number.isSafeInteger(update_id);

export function createUpdatePoller(deps: {
  telegram: TelegramApi;
  store(updates: Update[]): Promise<void>;
  log: Logger;
  offsetTtlMs?: number;
}): UpdatePoller {
  const { telegram, store, log, offsetTtlMs = OFFSET_TTL_MS } = deps;
  let trouble: string | null = null;
  /** Questions that failed in a row. */
  let failures = 0;
  /** When the last updates came, by the monotonic clock. */
  let heardAt = 0;

  function answered(): void {
    if (failures > 0) log.info({}, 'updates come again');
    failures = 0;
    trouble = null;
  }

  async function getUpdates(question: { offset: number; limit: number }, signal: AbortSignal): Promise<Update[]> {
    const { limit } = question;
    const offset = systemClock.monotonicMs() - heardAt < offsetTtlMs ? question.offset : 0;
    const timeout = failures > 0 ? FIRST_POLL_SECONDS : POLL_SECONDS;
    const asked = { offset, limit, timeout, allowed_updates: ALLOWED_UPDATES };
    try {
      const updates = await telegram.call(signal, (api, either) => api.getUpdates(asked, either), POLL_DEADLINE_MS);
      answered();
      if (updates.length > 0) heardAt = systemClock.monotonicMs();
      // The runner confirms up to the last.
      return updates.filter(isNumbered).toSorted((one, other) => one.update_id - other.update_id);
    } catch (error) {
      throw new PollFailed(classifyBotCallError(error));
    }
  }

  /** In place of the runner's own: a whole batch at once, and the next question only afterwards. */
  const sink: UpdateSink<Update> = {
    async handle(updates) {
      if (updates.length > 0) await store(updates);
      return MAX_UPDATES;
    },
    size: () => 0,
    snapshot: () => [],
  };

  /** One runner, until something fails. A new one begins without an offset, so what was not stored comes again. */
  async function poll(ending: AbortSignal): Promise<void> {
    const bot = {
      api: {
        getUpdates: (question: { offset: number; limit: number }, signal: unknown) =>
          getUpdates(question, signal as AbortSignal),
      },
      handleUpdate: async () => undefined,
      errorHandler: () => undefined,
    };
    // The waits between tries are ours: the runner's double without a bound and do not end at a stop.
    const supply = createUpdateFetcher<Update, unknown>(bot, { silent: true, maxRetryTime: 0 });
    const runner = createRunner(createSource({ supply }), sink);
    runner.start();
    const task = runner.task();
    const stop = () => void runner.stop();
    ending.addEventListener('abort', stop, { once: true });
    try {
      await task;
    } finally {
      ending.removeEventListener('abort', stop);
    }
  }

  /** How long to wait. Only what a person must mend counts as trouble: the channel tells when Telegram is away. */
  function note(error: unknown): number {
    failures += 1;
    const why = error instanceof PollFailed ? error.why : null;
    const reason = why ? `${why.failure.code}: ${why.failure.message}` : errorCode(error);
    const say = failures === 1 ? log.warn : log.debug;
    say.call(log, { reason }, 'updates do not come; asking again');
    const isMendable =
      why?.kind === 'conflict' || (why?.kind === 'channel_down' && why.failure.code === 'telegram_401');
    trouble = isMendable ? reason : null;
    if (why?.kind === 'conflict') return Math.min(CONFLICT_FIRST_RETRY_MS * 2 ** (failures - 1), CONFLICT_MAX_RETRY_MS);
    if (why?.kind === 'rate_limited') return why.retryAfterMs;
    return isMendable ? REFUSED_TOKEN_RETRY_MS : reconnectDelayMs(failures);
  }

  return {
    async run(ending) {
      while (!ending.aborted) {
        try {
          await poll(ending);
        } catch (error) {
          if (!ending.aborted) await systemClock.sleep(note(error), ending);
        }
      }
    },
    trouble: () => trouble,
  };
}
