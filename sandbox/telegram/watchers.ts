import type { ChatChange } from './chats.ts';

export interface Watchers {
  emit(change: ChatChange): void;
  /** Something other than a chat may have changed: asks those who wait again. */
  poke(): void;
  onChange(listener: (change: ChatChange) => void): () => void;
  until<T>(probe: () => T | undefined | null | false, options?: { timeoutMs?: number }): Promise<T>;
}

const DEFAULT_TIMEOUT_MS = 20_000;

/** Those who look at the chats and those who wait for something to happen in them. */
export function createWatchers(stopping: AbortSignal): Watchers {
  const listeners = new Set<(change: ChatChange) => void>();
  const waiting = new Set<() => void>();
  const poke = (): void => {
    for (const look of waiting) look();
  };

  return {
    emit(change) {
      for (const listener of listeners) listener(change);
      poke();
    },
    poke,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    until(probe, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      return new Promise((resolve, reject) => {
        const end = (): void => {
          waiting.delete(look);
          clearTimeout(timer);
          stopping.removeEventListener('abort', onStop);
        };
        const refuse = (why: string): void => {
          end();
          reject(new Error(why));
        };
        const look = (): void => {
          let found: ReturnType<typeof probe>;
          try {
            found = probe();
          } catch (error) {
            end();
            reject(error);
            return;
          }
          if (found === undefined || found === null || found === false) return;
          end();
          resolve(found);
        };
        const onStop = (): void => refuse('the simulator has stopped');
        const timer = setTimeout(() => refuse(`nothing of the kind happened within ${timeoutMs} ms`), timeoutMs);
        stopping.addEventListener('abort', onStop);
        waiting.add(look);
        look();
      });
    },
  };
}
