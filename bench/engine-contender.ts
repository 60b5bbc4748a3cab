/** Who works events off: this engine, a common peer, and a loop that keeps nothing. */
export type ContenderName = 'engine' | 'bullmq' | 'bare';

export const TITLES = {
  engine: 'engine',
  bullmq: 'BullMQ 6.7.0',
  bare: 'bare XREADGROUP + XACK + XDEL',
} as const satisfies Record<ContenderName, string>;

/** How many a run makes, enough for a second or two each: a compiler that warms up in half of it would tell of itself. */
export const DELIVERIES: Record<ContenderName, number> = { engine: 90_000, bullmq: 12_000, bare: 90_000 };

/** One process's part of the work. */
export interface Work {
  /** Recipients an event: deliveries the engine makes of one entry; the others know none. */
  each: number;
  /** Of the engine's stream, over all processes. */
  partitions: number;
  /** This process among `members`, from 0. */
  member: number;
  members: number;
}

export interface Contender {
  /** @param onDelivery called for each delivery (BullMQ: job; bare loop: entry) when its handler begins */
  start(work: Work, onDelivery: () => void): Promise<void>;
  /** Ends what is under way and closes its connections. */
  stop(): Promise<void>;
}

/** An event as JSON of so many bytes. */
export function eventOf(bytes: number): string {
  const empty = JSON.stringify({ type: 'bench', filler: '' });
  return JSON.stringify({ type: 'bench', filler: 'x'.repeat(bytes - empty.length) });
}

export const recipients = (count: number): string => (count === 1 ? '1 recipient' : `${count} recipients`);
