import type { Api, Composer } from 'grammy';
import type { Update, UserFromGetMe } from 'grammy/types';
import pLimit from 'p-limit';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { systemClock } from '#streams/clock.ts';
import type { Sql } from '../db/database.ts';
import { isDatabaseAway } from '../db/errors.ts';
import { errorCode, errorPlace } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { type TraceContext, traceparentOf } from '../observability/trace-context.ts';
import { NO_TRACER, nowMs, type Tracer } from '../observability/tracer.ts';
import { apologize } from './apology.ts';
import { BotContext } from './bot-context.ts';
import type { BotResponse } from './bot-response.ts';
import type { Held } from './held.ts';
import type { Responder } from './responder.ts';
import type { OpenUpdate, UpdateInbox } from './update-inbox.ts';

/** Updates acted on at once; waits do not count. They share transactions, so more would gain nothing. */
const ACTS_AT_ONCE = 200;
/** The pauses before a handler that threw is tried again; after the last try its user is told. */
const RETRY_AFTER_MS = [200, 1000];

/** A holding in which the bot knows its own name, which tells it whom a command in a group is for. */
export interface Session extends Held {
  readonly me: UserFromGetMe;
}

/** Sees one update through: act, show, done. */
export interface UpdateHandler {
  /** Resolves when it is done, or when `held` ended before; the next holder then goes on where this one stopped. Never rejects. */
  handle(id: number, held: Session): Promise<void>;
}

export interface UpdateHandlerDeps {
  api: Api;
  inbox: UpdateInbox;
  responder: Responder;
  composer: Composer<BotContext>;
  /** Told after each commit; must not throw. */
  onCommitted(): void;
  clock: () => Date;
  log: Logger;
  tracer?: Tracer;
}

/** Every pressed button is answered, or it would go on spinning. */
function withAnswer(update: Update, responses: BotResponse[]): BotResponse[] {
  const query_id = update.callback_query?.id;
  if (typeof query_id !== 'string' || responses.some(({ kind }) => kind === 'answer')) return responses;
  return [{ kind: 'answer', query_id, text: '', alert: false }, ...responses];
}

export function createUpdateHandler(deps: UpdateHandlerDeps): UpdateHandler {
  const { api, inbox, responder, onCommitted, clock, log, tracer = NO_TRACER } = deps;
  const middleware = deps.composer.middleware();
  const limit = pLimit(ACTS_AT_ONCE);

  /** Repeats while the database is away. @throws what is no outage, and when the holding ended. */
  async function onceThere<T>(held: Held, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        log.debug({ reason: errorCode(error), tries }, 'the database is away; an update waits');
        await systemClock.sleep(reconnectDelayMs(tries), held.ending);
        held.ending.throwIfAborted();
      }
    }
  }

  async function act(open: OpenUpdate, held: Session, run: (ctx: BotContext) => unknown): Promise<BotResponse[]> {
    const update = JSON.parse(open.body) as Update;
    const context = tracer.enter(null);
    const startMs = nowMs();
    const inTransaction = async (tx: Sql): Promise<BotResponse[]> => {
      const ctx = new BotContext({ update, api, me: held.me, tx, now: clock(), trace: traceparentOf(context) });
      await run(ctx);
      return withAnswer(update, ctx.responses);
    };
    const responses = await onceThere(held, () => inbox.decide(open.id, inTransaction));
    onCommitted();
    tell(open, context, startMs);
    return responses;
  }

  function tell({ update_id }: OpenUpdate, context: TraceContext, startMs: number): void {
    log.debug({ update_id, trace_id: context.traceId }, 'an update was acted on');
    const attributes = { 'vestnik.update_id': update_id };
    const span = {
      context,
      parentSpanId: null,
      name: 'update',
      kind: 'server',
      startMs,
      endMs: nowMs(),
      attributes,
    } as const;
    tracer.record(span);
  }

  const byHandlers = (ctx: BotContext) => middleware(ctx, async () => undefined);

  async function giveUp(open: OpenUpdate, held: Session): Promise<BotResponse[]> {
    try {
      return await act(open, held, apologize);
    } catch (error) {
      held.ending.throwIfAborted();
      log.error({ update_id: open.update_id, reason: errorCode(error) }, 'not even an apology could be made');
      return [];
    }
  }

  async function decide(open: OpenUpdate, held: Session): Promise<BotResponse[]> {
    for (const pauseMs of [...RETRY_AFTER_MS, null]) {
      try {
        return await limit(() => act(open, held, byHandlers));
      } catch (error) {
        held.ending.throwIfAborted();
        const { update_id } = open;
        const [reason, place, willRetry] = [errorCode(error), errorPlace(error), pauseMs !== null];
        log.error({ update_id, reason, place, willRetry }, 'a handler failed');
        if (pauseMs !== null) await systemClock.sleep(pauseMs, held.ending);
        held.ending.throwIfAborted();
      }
    }
    return await giveUp(open, held);
  }

  /** False when the holding ended before all was shown. */
  async function show(open: OpenUpdate, responses: readonly BotResponse[], held: Held): Promise<boolean> {
    for (const [index, response] of responses.entries()) {
      if (await onceThere(held, () => responder.perform(response, held))) continue;
      if (index > 0 && !held.cut.aborted) await inbox.keep(open.id, responses.slice(index));
      return false;
    }
    return true;
  }

  async function settle(id: number, held: Session): Promise<void> {
    const open = await onceThere(held, () => limit(() => inbox.find(id)));
    if (!open) return;
    const late = open.responses;
    const responses = late ?? (await decide(open, held));
    if (await show(open, responses, held)) await onceThere(held, () => inbox.finish(id, late ?? []));
  }

  return {
    async handle(id, held) {
      if (held.ending.aborted) return;
      try {
        await settle(id, held);
      } catch (error) {
        if (held.ending.aborted) return;
        // Its place stays open and is looked at again.
        log.error({ id, reason: errorCode(error) }, 'an update could not be handled');
      }
    },
  };
}
