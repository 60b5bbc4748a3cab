import Bottleneck from 'bottleneck';
import pLimit from 'p-limit';
import { onAbort } from '#streams/on-abort.ts';

/** Lets who waits go in the order in which they came, few at a time and not too close to each other. */
export interface PacedQueue<T> {
  /** Answers what `take` answers, which must not reject; null as soon as the signal aborts before its turn. */
  wait(take: () => Promise<T | null>, signal: AbortSignal): Promise<T | null>;
}

/**
 * @param gapMs between two turns; 0 where `atOnce` is limit enough. Bottleneck waits for timers at each job, and starts some
 * hundreds a second at most.
 * @param isTaken whether the pace counts this answer; after another one the next in the queue goes at once
 */
export function createPacedQueue<T>(deps: {
  atOnce: number;
  gapMs: number;
  isTaken(answer: T | null): boolean;
}): PacedQueue<T> {
  const { atOnce, gapMs, isTaken } = deps;
  const pace = gapMs > 0 ? new Bottleneck({ maxConcurrent: atOnce, minTime: gapMs }) : null;
  const limit = pLimit(atOnce);
  /** Each answers whether it took its turn. */
  const queue = new Set<() => Promise<boolean>>();
  let turnsAhead = 0;

  async function giveTurn(): Promise<void> {
    turnsAhead -= 1;
    for (const next of queue) {
      queue.delete(next);
      if (await next()) return;
    }
  }

  return {
    async wait(take, signal) {
      if (signal.aborted) return null;
      return await new Promise((resolve, reject) => {
        const go = async () => {
          stay();
          const answer = take();
          answer.then(resolve, reject);
          return isTaken(await answer);
        };
        const stay = onAbort(signal, () => {
          queue.delete(go);
          resolve(null);
        });
        queue.add(go);
        // Who left has left a turn behind.
        if (turnsAhead >= queue.size) return;
        turnsAhead += 1;
        (pace ? pace.schedule(giveTurn) : limit(giveTurn)).catch(reject);
      });
    },
  };
}
