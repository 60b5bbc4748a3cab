import { systemClock } from '#streams/clock.ts';
import type { Bell } from '../db/bell.ts';
import type { UpdatePlace } from '../db/bot-updates.ts';
import type { ChatQueue } from './chat-queue.ts';
import type { Session, UpdateHandler } from './update-handler.ts';
import type { UpdateInbox } from './update-inbox.ts';

const PAGE = 500;
/** Updates known here and not done, as ids: what they hold is read when their turn comes. */
const MAX_WAITING = 10_000;
/** Of one chat, so that a chat that must wait leaves room for the others. */
const MAX_OF_A_CHAT = 100;
/** How soon an open update is seen of which no word came: one that failed, or that another process stored. */
const SWEEP_EVERY_MS = 10_000;

/** Takes the inbox's open updates to their chats' queues, oldest first, as many as there is room for. */
export interface UpdateReader {
  /** Until the session ends. @throws when the inbox cannot be read. */
  run(session: Session): Promise<void>;
}

export function createUpdateReader(deps: {
  inbox: Pick<UpdateInbox, 'open'>;
  handler: UpdateHandler;
  chatQueue: ChatQueue;
  /** Rings when updates were stored. */
  bell: Bell;
  sweepEveryMs?: number;
}): UpdateReader {
  const { inbox, handler, chatQueue, bell, sweepEveryMs = SWEEP_EVERY_MS } = deps;
  const waiting = new Set<number>();
  /** How many of them each chat has. */
  const counts = new Map<number, number>();
  /** Chats with more open updates than may wait here, and the last one before those. */
  const behind = new Map<number, number>();

  const countOf = (chatId: number): number => counts.get(chatId) ?? 0;

  function leave({ id, chat_id }: UpdatePlace): void {
    waiting.delete(id);
    const left = countOf(chat_id) - 1;
    if (left > 0) counts.set(chat_id, left);
    else counts.delete(chat_id);
    const isHalfEmpty = waiting.size === MAX_WAITING / 2 || (behind.has(chat_id) && left === MAX_OF_A_CHAT / 2);
    if (isHalfEmpty) bell.ring();
  }

  function enter(place: UpdatePlace, session: Session): void {
    const { id, chat_id } = place;
    if (waiting.has(id)) return;
    waiting.add(id);
    counts.set(chat_id, countOf(chat_id) + 1);
    void chatQueue.run(chat_id, () => handler.handle(id, session)).finally(() => leave(place));
  }

  /** Once one of a chat stays behind, so do all that came after it. */
  function enterIfRoom(place: UpdatePlace, session: Session): void {
    const { id, chat_id } = place;
    if (waiting.has(id) || behind.has(chat_id)) return;
    if (countOf(chat_id) < MAX_OF_A_CHAT) enter(place, session);
    else behind.set(chat_id, id - 1);
  }

  async function fetchThoseBehind(session: Session): Promise<void> {
    for (const [chatId, afterId] of behind) {
      const room = MAX_OF_A_CHAT - countOf(chatId);
      if (room < MAX_OF_A_CHAT / 2) continue;
      const places = await inbox.open(afterId, room, chatId);
      for (const place of places) enter(place, session);
      if (places.length < room) behind.delete(chatId);
      else behind.set(chatId, places.at(-1)?.id ?? afterId);
    }
  }

  return {
    async run(session) {
      let [afterId, sweepAt] = [0, 0];
      while (!session.ending.aborted) {
        const rung = bell.next();
        const now = systemClock.monotonicMs();
        if (now >= sweepAt) {
          [afterId, sweepAt] = [0, now + sweepEveryMs];
          behind.clear();
        }
        const isRoom = waiting.size < MAX_WAITING;
        if (isRoom) await fetchThoseBehind(session);
        const places = isRoom ? await inbox.open(afterId, PAGE) : [];
        for (const place of places) enterIfRoom(place, session);
        afterId = places.at(-1)?.id ?? afterId;
        if (places.length < PAGE) await rung(session.ending, sweepAt - now);
      }
    },
  };
}
