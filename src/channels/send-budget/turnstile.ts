import { onAbort } from '#streams/on-abort.ts';

/** Lets few wait for the gate at a time; companies take turns. */
export interface Turnstile {
  /** Resolves when it is this one's turn to wait at the gate, to the way out; null when the signal aborts before. */
  enter(company: number, signal: AbortSignal): Promise<(() => void) | null>;
}

interface Waiting {
  admit(): void;
}

export function createTurnstile(capacity: number): Turnstile {
  /** By company, in the order in which they come next. */
  const queues = new Map<number, Set<Waiting>>();
  let free = capacity;

  function leaveQueue(company: number, waiting: Waiting): void {
    const queue = queues.get(company);
    if (queue?.delete(waiting) && queue.size === 0) queues.delete(company);
  }

  function admitNext(): void {
    for (const [company, queue] of queues) {
      for (const waiting of queue) {
        leaveQueue(company, waiting);
        // Behind all others, with those of its company that still wait.
        if (queues.delete(company)) queues.set(company, queue);
        waiting.admit();
        return;
      }
    }
    free += 1;
  }

  function wayOut(): () => void {
    let isOut = false;
    return () => {
      if (isOut) return;
      isOut = true;
      admitNext();
    };
  }

  return {
    async enter(company, signal) {
      if (signal.aborted) return null;
      if (free > 0) {
        free -= 1;
        return wayOut();
      }
      return await new Promise((resolve) => {
        const waiting: Waiting = {
          admit() {
            stay();
            resolve(wayOut());
          },
        };
        const stay = onAbort(signal, () => {
          leaveQueue(company, waiting);
          resolve(null);
        });
        const queue = queues.get(company);
        if (queue) queue.add(waiting);
        else queues.set(company, new Set([waiting]));
      });
    },
  };
}
