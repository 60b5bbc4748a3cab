/** One `sendMessage` as Telegram saw it. */
export interface Send {
  chat: number;
  /** The id of the event that its text tells of; null when it cannot be told. */
  event: string | null;
  /** When it arrived, Unix time in ms. */
  at: number;
  /** Whether it took effect. */
  accepted: boolean;
  /** Whether it counts as a failed attempt: refused with anything but 429. */
  failed: boolean;
  messageId: number | null;
}

/** Something that may take a result away before it is recorded. Times are Unix time in ms. */
export interface Interruption {
  kind: 'kill' | 'pause' | 'redis_kill' | 'redis_wipe';
  /** Which process, where it is one. */
  process: number | null;
  at: number;
  /** When a killed process was gone, a paused one went on, Redis was back. */
  until: number;
  /** The partitions that it struck: those the process owned; null for all, or where that is not known. */
  partitions: readonly number[] | null;
}

/** An accepted send from its arrival until its result stood in the delivery log; one that never did, until it was repeated. */
export interface SendSpan {
  partition: number;
  at: number;
  end: number;
}

/** The receiver reads what a dead process has sent a little later than it was sent. */
const RECEIVER_LAG_MS = 250;
/** How soon a process that goes on finishes what it was about to send. */
const ZOMBIE_MS = 2000;

const strikes = ({ partitions }: Interruption, { partition }: SendSpan): boolean =>
  partitions === null || partitions.includes(partition);

function isInFlight(span: SendSpan, interruption: Interruption): boolean {
  const { kind, at, until } = interruption;
  if (!strikes(interruption, span)) return false;
  // A stop or a kill takes effect at once; Redis is away for a while.
  const strikesUntil = kind === 'redis_kill' ? until : at;
  return span.at <= strikesUntil + RECEIVER_LAG_MS && span.end >= at;
}

/** The send was on its way out of a process when it was stopped, and left it when that went on. */
function isZombie(first: SendSpan, again: SendSpan, interruption: Interruption): boolean {
  const { kind, at, until } = interruption;
  const isAfter = first.at >= at && again.at >= until && again.at <= until + ZOMBIE_MS;
  return kind === 'pause' && isAfter && strikes(interruption, again);
}

/**
 * The interruption at which the result of `first` may have been lost, so that it was sent `again`; null when there is none.
 * A process that was struck explains more than Redis, which lives apart from the sends.
 */
export function findExplanation(
  first: SendSpan,
  again: SendSpan | null,
  interruptions: readonly Interruption[],
): Interruption | null {
  const found = interruptions.filter(
    (interruption) => isInFlight(first, interruption) || (again !== null && isZombie(first, again, interruption)),
  );
  return found.find(({ process }) => process !== null) ?? found[0] ?? null;
}

/** How many sends were in flight at the interruptions, each counted at each. */
export function inFlightCount(spans: readonly SendSpan[], interruptions: readonly Interruption[]): number {
  let count = 0;
  for (const interruption of interruptions) count += spans.filter((span) => isInFlight(span, interruption)).length;
  return count;
}

export interface Takeover {
  /** From the kill to the next message of the partition. */
  ms: number;
  /** No other interruption fell into it, and new work kept coming. */
  undisturbed: boolean;
}

/**
 * For each partition that a killed or stopped process owned.
 * @param partitionOf the chat's
 */
export function takeovers(
  interruptions: readonly Interruption[],
  sends: readonly Send[],
  partitionOf: (chat: number) => number,
): Takeover[] {
  const found: Takeover[] = [];
  for (const interruption of interruptions.filter(({ kind }) => kind === 'kill'))
    for (const partition of interruption.partitions ?? []) {
      const { at, until, process } = interruption;
      const next = sends.find((send) => send.at > until + RECEIVER_LAG_MS && partitionOf(send.chat) === partition);
      if (!next) continue;
      const others = interruptions.filter((other) => other !== interruption && other.at < next.at && other.until > at);
      // Process 0 serves the API: without it there may be nothing to deliver.
      found.push({ ms: next.at - at, undisturbed: process !== 0 && others.length === 0 });
    }
  return found;
}
