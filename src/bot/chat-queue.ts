/**
 * Works of one chat after one another, those of different chats beside each other. A chat that waits holds up nobody else:
 * what is scarce, such as calls under way, is bounded where it is used.
 */
export interface ChatQueue {
  /** Runs when all earlier works of the chat have ended, however they did; settles as `work` does. */
  run<T>(chatId: number, work: () => Promise<T>): Promise<T>;
  /** Chats with a work under way or waiting. */
  readonly size: number;
  /** Resolves when no work is left. */
  idle(): Promise<void>;
}

export function createChatQueue(): ChatQueue {
  /** The last work of each chat that has any. */
  const tails = new Map<number, Promise<unknown>>();

  return {
    run(chatId, work) {
      const before = tails.get(chatId) ?? Promise.resolve();
      const mine = before.then(work, work);
      const leave = () => {
        if (tails.get(chatId) === mine) tails.delete(chatId);
      };
      tails.set(chatId, mine);
      mine.then(leave, leave);
      return mine;
    },
    get size() {
      return tails.size;
    },
    async idle() {
      while (tails.size > 0) await Promise.allSettled(tails.values());
    },
  };
}
