import pLimit from 'p-limit';
import { systemClock } from '#streams/clock.ts';
import type { Bell } from '../db/bell.ts';
import type { CardRow } from '../db/bot-entities.ts';
import type { CardMessage } from '../db/cards.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { Held } from './held.ts';

/** Together at most 20 edits a second: they share Telegram's patience with the notifications. */
const EDITS_AT_ONCE = 4;
const EDIT_TAKES_MS = 200;
/** An edit that takes longer waits, for a 429 or for its chat's updates: others go on beside it. */
const EDIT_HOLDS_MS = 2000;
/** Chats with an edit here; the others stay in the database. */
const MAX_CHATS = 500;

/** Edits at a pace: of a chat one at a time, and none waits for another chat's. */
export interface CardTurns {
  /**
   * Begins each card whose chat has none here, and reports what fails.
   * @param again rung when there is room for one that had to stay behind
   * @returns false when no more can be begun
   */
  begin(cards: readonly CardRow[], work: (message: CardMessage) => Promise<void>, again: Bell): boolean;
  /** Resolves when all that were begun have ended. */
  idle(): Promise<void>;
}

interface Turn {
  card: number;
  done: Promise<void>;
  /** Rung after it. */
  behind: Set<Bell>;
}

export function createCardTurns({ held, log }: { held: Held; log: Logger }): CardTurns {
  const limit = pLimit(EDITS_AT_ONCE);
  const turns = new Map<number, Turn>();
  const pause = (ms: number) => systemClock.sleep(ms, held.ending);

  function atPace(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      void limit(async () => {
        if (held.ending.aborted) return resolve();
        const worked = work().then(resolve, reject);
        await Promise.all([pause(EDIT_TAKES_MS), Promise.race([worked, pause(EDIT_HOLDS_MS)])]);
      });
    });
  }

  function turnOf({ id: card, ...message }: CardRow, work: (message: CardMessage) => Promise<void>): Turn {
    const behind = new Set<Bell>();
    const ended = atPace(() => work(message)).catch((error: unknown) => {
      log.warn({ reason: errorCode(error) }, 'a card was not edited; it is tried again');
      // Not at once: those behind it would fail as well.
      behind.clear();
    });
    const done = ended.then(() => {
      turns.delete(message.chat_id);
      for (const again of behind) again.ring();
    });
    return { card, done, behind };
  }

  return {
    begin(cards, work, again) {
      for (const card of cards) {
        const ahead = turns.get(card.chat_id);
        if (ahead && ahead.card !== card.id) ahead.behind.add(again);
        if (!ahead) turns.set(card.chat_id, turnOf(card, work));
      }
      if (turns.size < MAX_CHATS) return true;
      for (const { behind } of turns.values()) behind.add(again);
      return false;
    },
    async idle() {
      await Promise.all([...turns.values()].map(({ done }) => done));
    },
  };
}
