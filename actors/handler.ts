import type { Failure } from '#streams/dead-letters.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { Outcome } from './outcome.ts';

/** One attempt to deliver. */
export interface Attempt {
  /** From 1. */
  number: number;
  /** Aborts when the process must end, or somebody else may own the partition. */
  signal: AbortSignal;
  /**
   * Asked at the last moment before something is sent: false when somebody else may be at it, because the process stood still and its
   * timers have not run yet. The attempt is then deferred.
   */
  isCurrent(): boolean;
  /**
   * Resolves when the ledger tells of the attempt: to be waited for before anything is sent. False when that could not be
   * written, or comes too late: nothing may be sent, and whatever the delivery then answers counts for nothing. Idempotent; at
   * once for a delivery without `crashed`, whose attempt stands there from the beginning.
   */
  begin(): Promise<boolean>;
  /** Lets the next one in where `admit` let this one; done at the end of the attempt anyway. Idempotent. */
  leave(): void;
}

/** One recipient of an entry, and how to reach them. */
export interface Delivery<R> {
  /** The actor's name; deliveries of the same name run one at a time, in the order of their entries. */
  recipient: string;
  /**
   * Waits until an attempt may begin, where all deliveries share something scarce; nothing of it stands in the ledger yet. Answers
   * the way out, or null when the signal aborts. Must not reject. Without it an attempt begins at once.
   */
  admit?(signal: AbortSignal): Promise<(() => void) | null>;
  /** A throw counts as a failed attempt. */
  deliver(attempt: Attempt): Promise<Outcome<R>>;
  /** The receipt of giving up after the last attempt. */
  dead(failure: Failure): R;
  /**
   * The receipt for whoever may have got it already when the process ended between `begin` and the result: nothing is repeated.
   * Without it such an attempt has failed, and the next one follows.
   */
  crashed?(failure: Failure): R;
}

/** How an entry ended for one recipient. */
export interface RecipientResult<R> {
  recipient: string;
  /** Attempts executed. */
  attempts: number;
  receipt: R;
}

/** Whom an entry goes to. */
export type Plan<R> =
  /** `concluded`: recipients whose fate needs no delivery, such as those who switched it off. */
  | { kind: 'deliver'; deliveries: Delivery<R>[]; concluded: { recipient: string; receipt: R }[] }
  /** No attempt can ever succeed: dead at once. */
  | { kind: 'undecodable'; failure: Failure }
  /** Counts as an attempt of the whole entry; entries behind it go on. */
  | { kind: 'failed'; failure: Failure }
  /** What is needed to plan is away: the partition waits, so that order holds. */
  | { kind: 'deferred'; failure: Failure; delayMs: number };

/** What the product brings to the engine. */
export interface EntryHandler<R> {
  /** Whose entry it is: tenants take turns where there is not room for all. Cheap, and never throws. */
  tenantOf(entry: StreamEntry): string;
  plan(entry: StreamEntry): Promise<Plan<R>>;
  /**
   * Makes results durable before the entry may be settled. Called once per finished recipient, and with `last` exactly once
   * per entry (with no results when there was nobody). Must retry by itself; a rejection leaves the entry pending.
   */
  record(entry: StreamEntry, results: RecipientResult<R>[], last: boolean): Promise<void>;
  /** Reads a receipt back that was kept as JSON. @throws when it is none, for instance of another version */
  readReceipt(json: unknown): R;
}
