import type { Clock } from '#streams/clock.ts';
import type { DeadLetters, Failure } from '#streams/dead-letters.ts';
import type { RecipientRecord, RecipientState, StreamEntry } from '#streams/entry.ts';
import type { Ledger } from '#streams/ledger.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { Delivery, RecipientResult } from './handler.ts';
import { nextStep, type Outcome } from './outcome.ts';
import type { Recall } from './recall.ts';

/** How long a suspect of two crashes may keep the partition closed, in ms. */
const ALONE_DEADLINE_MS = 15_000;
/** A wait of this length or more frees the recipient's place in memory for others, in ms. */
const PARK_FROM_MS = 5000;

/** Told of recipients whose wait is long. */
export interface Parking {
  park(recipient: string): void;
  unpark(recipient: string): void;
}

export interface RecipientDeps {
  ledger: Ledger;
  deadLetters: DeadLetters;
  parking: Parking;
  recall: Recall;
  maxDeliveries: number;
  /** The pause after the failed attempt of this number, in ms. */
  backoff(attempt: number): number;
  clock: Clock;
  /** Aborts when no new attempt may begin. */
  stopping: AbortSignal;
  /** Aborts when attempts under way must end. */
  deadline: AbortSignal;
}

/** The work was given up because the process stops or the partition passed on; the entry stays pending. */
class Interrupted extends Error {
  readonly code = 'interrupted';
}

export const CRASHED: Failure = { code: 'crashed', message: 'the process ended during the attempt' };
const OVERDUE: Outcome<never> = {
  kind: 'failed',
  failure: { code: 'overdue', message: `no result within ${ALONE_DEADLINE_MS} ms` },
};

/** The failure in the note of a recipient who is not finished; `at` is its time (ISO 8601). */
type FirstFailure = Failure & { at?: string };

/** One recipient of one entry on its way. */
interface Progress<R> {
  entry: StreamEntry;
  delivery: Delivery<R>;
  attempts: number;
  crashes: number;
  firstError: FirstFailure | undefined;
}

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

function readFailure(note: unknown): FirstFailure | undefined {
  const isFailure = typeof note === 'object' && note !== null && 'code' in note && 'message' in note;
  return isFailure ? (note as FirstFailure) : undefined;
}

/** Undefined for a receipt that this version cannot read: the delivery log then decides, or the message goes again. */
function readReceipt<R>(note: unknown, read: (json: unknown) => R): R | undefined {
  try {
    return read(note);
  } catch {
    return undefined;
  }
}

function begin<R>(entry: StreamEntry, delivery: Delivery<R>, record: RecipientRecord | undefined): Progress<R> {
  const { attempts = 0, crashes = 0, note } = record ?? {};
  return { entry, delivery, attempts, crashes, firstError: readFailure(note) };
}

/** What could not be written is remembered, as it stood when the write failed. */
async function write<R>(
  progress: Progress<R>,
  state: RecipientState,
  note: unknown,
  deps: RecipientDeps,
): Promise<void> {
  const { entry, delivery, attempts, crashes } = progress;
  try {
    await deps.ledger.write({ entryId: entry.id, recipient: delivery.recipient, attempts, state, crashes, note });
  } catch (error) {
    const isUnbegun = state === 'started' || state === 'alone';
    const known: RecipientRecord = isUnbegun
      ? { attempts: attempts - 1, state: 'waiting', crashes, note }
      : { attempts, state, crashes, note };
    deps.recall.remember(entry.id, delivery.recipient, known);
    throw error;
  }
}

async function bury<R>(progress: Progress<R>, lastError: Failure, deps: RecipientDeps): Promise<RecipientResult<R>> {
  const { entry, delivery, attempts, firstError } = progress;
  const { recipient } = delivery;
  const diedAt = deps.clock.date();
  const { at, ...first } = firstError ?? { ...lastError, at: undefined };
  const times = { firstFailedAt: at === undefined ? diedAt : new Date(at), diedAt };
  await deps.deadLetters.bury(entry, { recipient, attempts, firstError: first, lastError, ...times });
  return { recipient, attempts, receipt: delivery.dead(lastError) };
}

/** Begins and ends one attempt; answers the result, or how long to wait for the next one. */
async function attempt<R>(
  progress: Progress<R>,
  state: 'started' | 'alone',
  signal: AbortSignal,
  deps: RecipientDeps,
): Promise<RecipientResult<R> | number> {
  if (deps.stopping.aborted) throw new Interrupted('stopped before the next attempt');
  progress.attempts += 1;
  await write(progress, state, progress.firstError, deps);

  const outcome = await execute(progress.delivery, progress.attempts, signal);
  if (deps.deadline.aborted && outcome.kind !== 'done') {
    // Ended by our own stop, not by the message: the attempt is given back.
    progress.attempts -= 1;
    await write(progress, 'waiting', progress.firstError, deps);
    throw new Interrupted('stopped during an attempt');
  }
  const step = nextStep(outcome, progress.attempts, deps.maxDeliveries, deps.backoff);
  if (step.kind === 'bury') return await bury(progress, step.failure, deps);
  if (step.kind === 'finish') {
    const { delivery, attempts } = progress;
    // A lost partition must not hide a delivery from the log, which its next owner consults.
    await write(progress, 'done', step.receipt, deps).catch(() => undefined);
    return { recipient: delivery.recipient, attempts, receipt: step.receipt };
  }
  progress.firstError ??= { ...step.failure, at: deps.clock.date().toISOString() };
  progress.attempts = step.attemptsUsed;
  await write(progress, 'waiting', progress.firstError, deps);
  return step.delayMs;
}

/** What a delivery throws is a failure, not control flow. */
async function execute<R>(delivery: Delivery<R>, number: number, signal: AbortSignal): Promise<Outcome<R>> {
  try {
    return await delivery.deliver({ number, signal });
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) };
  }
}

async function wait(recipient: string, ms: number, deps: RecipientDeps): Promise<void> {
  const isLong = ms >= PARK_FROM_MS;
  if (isLong) deps.parking.park(recipient);
  await deps.clock.sleep(ms, deps.stopping);
  if (isLong) deps.parking.unpark(recipient);
}

/**
 * Attempts until the recipient is finished. Every attempt is in the ledger before it begins, its result after it ended.
 * @param read a receipt, for a recipient whom an earlier owner finished and did not log
 * @throws {Interrupted} when the process stops first
 * @throws fenced when the partition was lost before a result could be written and nothing was delivered
 */
export async function finishRecipient<R>(
  entry: StreamEntry,
  delivery: Delivery<R>,
  read: (json: unknown) => R,
  deps: RecipientDeps,
): Promise<RecipientResult<R>> {
  const { recipient } = delivery;
  const record = deps.recall.take(entry.id, recipient) ?? entry.ledger.get(recipient);
  if (record?.state === 'done') {
    const receipt = readReceipt(record.note, read);
    if (receipt !== undefined) return { recipient, attempts: record.attempts, receipt };
  }
  const progress = begin(entry, delivery, record);
  if (record?.state === 'dead')
    return { recipient, attempts: record.attempts, receipt: delivery.dead(progress.firstError ?? CRASHED) };
  for (;;) {
    const result = await attempt(progress, 'started', deps.deadline, deps);
    if (typeof result !== 'number') return result;
    await wait(recipient, result, deps);
  }
}

/** One attempt under a deadline, recorded as made alone. What comes of it stands in the ledger. */
export async function attemptAlone<R>(entry: StreamEntry, delivery: Delivery<R>, deps: RecipientDeps): Promise<void> {
  const link = linkedSignal(deps.deadline);
  const bounded: Delivery<R> = {
    ...delivery,
    async deliver(given) {
      const late = deps.clock.sleep(ALONE_DEADLINE_MS, link.signal).then(() => OVERDUE);
      return await Promise.race([delivery.deliver(given), late]);
    },
  };
  try {
    await attempt(begin(entry, bounded, entry.ledger.get(delivery.recipient)), 'alone', link.signal, deps);
  } finally {
    link.abort();
  }
}
