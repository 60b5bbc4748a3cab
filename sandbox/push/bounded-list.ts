export interface BoundedList<T> {
  add(item: T): void;
  /** Oldest first. */
  all(): T[];
  clear(): void;
}

/** Keeps the last `limit` items; 0 keeps none. */
export function createBoundedList<T>(limit: number): BoundedList<T> {
  let ring: T[] = [];
  let next = 0;
  return {
    add(item) {
      if (limit === 0) return;
      ring[next] = item;
      next = (next + 1) % limit;
    },
    all: () => (ring.length < limit ? [...ring] : [...ring.slice(next), ...ring.slice(0, next)]),
    clear() {
      ring = [];
      next = 0;
    },
  };
}
