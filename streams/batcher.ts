import { nextTurn } from './next-turn.ts';

interface Waiting<I, O> {
  item: I;
  resolve(value: O): void;
  reject(error: unknown): void;
}

/** Collects what callers hand in while a flush is under way, and flushes it together, in order, one flush at a time. */
export interface Batcher<I, O> {
  /** Resolves with this item's result of the flush it went with; rejects with that flush's error. */
  add(item: I): Promise<O>;
  /** Resolves when nothing waits and no flush is under way. */
  idle(): Promise<void>;
}

/**
 * @param flush gets 1 to `maxSize` items and answers one result for each, in their order. It is where retries belong:
 *   the next flush waits for it, so the order of `add` is kept.
 */
export function createBatcher<I, O>(options: { maxSize: number; flush(items: I[]): Promise<O[]> }): Batcher<I, O> {
  let waiting: Waiting<I, O>[] = [];
  let running: Promise<void> | null = null;

  async function drain(): Promise<void> {
    await nextTurn();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.maxSize);
      waiting = waiting.slice(options.maxSize);
      try {
        const results = await options.flush(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => {
          resolve(results[index] as O);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = null;
  }

  return {
    add: (item) =>
      new Promise<O>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= drain();
      }),
    idle: async () => {
      while (await running) await running;
    },
  };
}
