import { systemClock } from '#streams/clock.ts';
import { type Bell, createBell } from '../db/bell.ts';
import type { CardRow } from '../db/bot-entities.ts';
import { type CardMessage, cardsSentBefore, closeExpiredViews, hasExpiredViews, staleCards } from '../db/cards.ts';
import type { Database } from '../db/database.ts';
import { isDatabaseAway } from '../db/errors.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { BotBackground } from './bot.ts';
import { createCardKeeper } from './card-keeper.ts';
import { createCardTurns } from './card-turns.ts';
import type { Held } from './held.ts';

/** How long people may press a message's buttons; Telegram lets no bot delete an older one (Bot API, deleteMessage). */
const CARD_LIFE_MS = 48 * 3_600_000;
/** How soon a change is seen that another process committed, or a dialogue whose time is up. */
const LOOK_EVERY_MS = 1000;
/** However often commits ring. */
const LOOK_PAUSE_MS = 100;
const LOOK_FOR_OLD_EVERY_MS = 60_000;
const PAGE = 100;

export interface LivingCardsDeps {
  database: Database;
  /** Rung after each commit. */
  bell: Bell;
  clock: () => Date;
  log: Logger;
}

/**
 * Edits the messages already shown when their booking changes, closes dialogues that nobody goes on with, and takes the buttons
 * away after 48 hours.
 */
export function livingCards(deps: LivingCardsDeps): BotBackground {
  const { database, bell, clock, log } = deps;

  return async (held, tools) => {
    const keeper = createCardKeeper({ database, clock, held, ...tools });
    const turns = createCardTurns({ held, log });
    const oldOnes = createBell();

    /** As many as there is room for. */
    async function beginAll(
      next: (last?: CardRow) => Promise<CardRow[]>,
      work: (message: CardMessage) => Promise<void>,
      again: Bell,
    ): Promise<void> {
      let last: CardRow | undefined;
      while (!held.ending.aborted) {
        const page = await next(last);
        const isRoom = turns.begin(page, work, again);
        if (page.length < PAGE || !isRoom) return;
        last = page.at(-1);
      }
    }

    async function look(): Promise<void> {
      const now = clock();
      if (await hasExpiredViews(database, now)) await database.write((tx) => closeExpiredViews(tx, now));
      const stale = (last?: CardRow) => staleCards(database, { afterId: last?.id ?? 0, limit: PAGE });
      await beginAll(stale, keeper.refresh, bell);
    }

    async function retire(): Promise<void> {
      const before = new Date(clock().getTime() - CARD_LIFE_MS);
      const old = (last?: CardRow) => cardsSentBefore(database, { before, after: last, limit: PAGE });
      await beginAll(old, keeper.retire, oldOnes);
    }

    await Promise.all([
      keepOn(look, { bell, everyMs: LOOK_EVERY_MS }, deps, held),
      keepOn(retire, { bell: oldOnes, everyMs: LOOK_FOR_OLD_EVERY_MS }, deps, held),
    ]);
    await turns.idle();
  };
}

/** Until the holding ends; an outage of the database is waited out. */
async function keepOn(
  work: () => Promise<void>,
  when: { bell: Bell; everyMs: number },
  { log }: Pick<LivingCardsDeps, 'log'>,
  held: Held,
): Promise<void> {
  while (!held.ending.aborted) {
    const rung = when.bell.next();
    try {
      await work();
    } catch (error) {
      const say = isDatabaseAway(error) ? log.debug : log.error;
      say.call(log, { reason: errorCode(error) }, 'the cards cannot be looked through now');
    }
    await systemClock.sleep(LOOK_PAUSE_MS, held.ending);
    await rung(held.ending, when.everyMs);
  }
}
