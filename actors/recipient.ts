import type { Clock } from '#streams/clock.ts';
import type { DeadLetters, Failure } from '#streams/dead-letters.ts';
import { type RecipientRecord, recordOf, type StreamEntry } from '#streams/entry.ts';
import type { Ledger } from '#streams/ledger.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { Delivery, RecipientResult } from './handler.ts';
import type { Parkable } from './mailbox.ts';
import { type FailedOutcome, nextStep, type Outcome } from './outcome.ts';
import type { Recall } from './recall.ts';

/** How long a suspect of two crashes may keep the partition closed, in ms. */
export const ALONE_DEADLINE_MS = 15_000;
/** A wait of this length or more frees the recipient's place in memory for others, in ms. */
const PARK_FROM_MS = 5000;

export interface RecipientDeps {
  ledger: Ledger;
  deadLetters: DeadLetters;
  recall: Recall;
  maxDeliveries: number;
  /** The pause after the failed attempt of this number, in ms. */
  backoff(attempt: number): number;
  clock: Clock;
  /** Until when, by the monotonic clock in ms, nobody else can own the partition. */
  validUntil(): number;
  /** Aborts when no new attempt may begin. */
  stopping: AbortSignal;
  /** Aborts when attempts under way must end. */
  deadline: AbortSignal;
}

/** One recipient's part of an entry. */
export interface Part<R> {
  readonly entry: StreamEntry;
  readonly delivery: Delivery<R>;
  /** Told when a long wait begins and ends. */
  readonly waits: Parkable;
  /** A receipt that an earlier owner left and did not log. @throws when it is none */
  readReceipt(json: unknown): R;
  /** Makes the result durable. */
  finished(result: RecipientResult<R>): Promise<void>;
  /** The entry stays pending: {@link Interrupted}, fenced, or the log could not be written. */
  failed(error: unknown): void;
  /** Called once, at the end in either case. */
  ended(): void;
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

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

function readFailure(note: unknown): FirstFailure | undefined {
  const isFailure = typeof note === 'object' && note !== null && 'code' in note && 'message' in note;
  return isFailure ? (note as FirstFailure) : undefined;
}

/** Undefined for a receipt that this version cannot read: the delivery log then decides, or the message goes again. */
function readReceipt<R>(part: Part<R>, note: unknown): R | undefined {
  try {
    return part.readReceipt(note);
  } catch {
    return undefined;
  }
}

/** A failed write is remembered: the record waits, its attempts executed. */
async function bury<R>(
  entry: StreamEntry,
  delivery: Delivery<R>,
  record: RecipientRecord,
  lastError: Failure,
  deps: RecipientDeps,
): Promise<RecipientResult<R>> {
  const { recipient, attempts } = record;
  const diedAt = deps.clock.date();
  const { at, ...firstError } = readFailure(record.note) ?? { ...lastError, at: diedAt.toISOString() };
  record.state = 'waiting';
  record.note = { ...firstError, at };
  const firstFailedAt = at === undefined ? diedAt : new Date(at);
  try {
    await deps.deadLetters.bury(entry, { recipient, attempts, firstError, lastError, firstFailedAt, diedAt });
  } catch (error) {
    deps.recall.remember(entry.id, record);
    throw error;
  }
  return { recipient, attempts, receipt: delivery.dead(lastError) };
}

/**
 * Begins and ends one attempt; answers the result, or how long to wait for the next one, in ms.
 * @param state how the ledger names an attempt that is under way
 */
async function attempt<R>(
  { entry, delivery }: Pick<Part<R>, 'entry' | 'delivery'>,
  record: RecipientRecord,
  state: 'started' | 'alone',
  signal: AbortSignal,
  deps: RecipientDeps,
): Promise<RecipientResult<R> | number> {
  if (deps.stopping.aborted) throw new Interrupted('stopped before the next attempt');
  record.attempts += 1;
  record.state = state;
  try {
    await deps.ledger.write(entry, record);
  } catch (error) {
    // It never began, and the process knows this better than Redis.
    giveBack(record);
    throw error;
  }
  if (deps.clock.monotonicMs() >= deps.validUntil()) {
    // The process stood still between the word and the deed; somebody else may be at it by now.
    giveBack(record);
    deps.recall.remember(entry.id, record);
    throw new Interrupted('the lease ran out before the attempt began');
  }

  let outcome: Outcome<R>;
  try {
    outcome = await delivery.deliver({ number: record.attempts, signal });
  } catch (error) {
    // What a delivery throws is a failure, not control flow.
    outcome = { kind: 'failed', failure: failureOf(error) };
  }
  if (outcome.kind !== 'done') return await afterFailure(entry, delivery, record, outcome, deps);
  record.state = 'done';
  record.note = outcome.receipt;
  // Not waited for: should it be lost with the partition, the delivery log knows, which the next owner consults.
  deps.ledger.note(entry, record);
  return { recipient: record.recipient, attempts: record.attempts, receipt: outcome.receipt };
}

async function afterFailure<R>(
  entry: StreamEntry,
  delivery: Delivery<R>,
  record: RecipientRecord,
  outcome: FailedOutcome,
  deps: RecipientDeps,
): Promise<RecipientResult<R> | number> {
  if (deps.deadline.aborted) {
    // Ended by our own stop, not by the message: the attempt is given back.
    giveBack(record);
    await deps.ledger.write(entry, record);
    throw new Interrupted('stopped during an attempt');
  }
  const step = nextStep(outcome, record.attempts, deps.maxDeliveries, deps.backoff);
  if (step.kind === 'bury') return await bury(entry, delivery, record, step.failure, deps);
  record.note = readFailure(record.note) ?? { ...step.failure, at: deps.clock.date().toISOString() };
  record.attempts = step.attemptsUsed;
  record.state = 'waiting';
  await deps.ledger.write(entry, record);
  return step.delayMs;
}

function giveBack(record: RecipientRecord): void {
  record.attempts -= 1;
  record.state = 'waiting';
}

/** What earlier owners and this process know of the recipient, as the entry's record from now on. */
function recordHere(entry: StreamEntry, recipient: string, { recall, ledger }: RecipientDeps): RecipientRecord {
  const known = recall.take(entry.id, recipient);
  const record = recordOf(entry, recipient);
  // A burial whose answer was lost is one all the same.
  if (!known || record.state === 'dead') return record;
  Object.assign(record, known);
  ledger.note(entry, record);
  return record;
}

/** Goes on where an earlier owner stopped: with its result, with a burial that failed, or with the next attempt. */
async function resume<R>(
  part: Part<R>,
  record: RecipientRecord,
  deps: RecipientDeps,
): Promise<RecipientResult<R> | number> {
  const { recipient, attempts, state, note } = record;
  if (state === 'dead') return { recipient, attempts, receipt: part.delivery.dead(readFailure(note) ?? CRASHED) };
  if (state === 'done') {
    const receipt = readReceipt(part, note);
    if (receipt !== undefined) return { recipient, attempts, receipt };
    record.note = undefined;
  }
  const failure = readFailure(record.note);
  if (attempts >= deps.maxDeliveries && failure) {
    const { code, message } = failure;
    return await bury(part.entry, part.delivery, record, { code, message }, deps);
  }
  return await attempt(part, record, 'started', deps.deadline, deps);
}

/** Not at once: thousands who wait in one mailbox would end on one stack. */
async function interrupt(): Promise<never> {
  await Promise.resolve();
  throw new Interrupted('stopped before the first attempt');
}

async function pause<R>(part: Part<R>, ms: number, deps: RecipientDeps): Promise<void> {
  const isLong = ms >= PARK_FROM_MS;
  if (isLong) part.waits.park();
  await deps.clock.sleep(ms, deps.stopping);
  if (isLong) part.waits.unpark();
}

/**
 * Attempts until the recipient is finished. Every attempt is in the ledger before it begins; its result goes there, and to the
 * delivery log, when it ended. Never rejects: what made going on impossible is the part's to tell.
 */
export async function runPart<R>(part: Part<R>, deps: RecipientDeps): Promise<void> {
  try {
    // Before the recall is asked: what it knows is for the holding that goes on.
    if (deps.stopping.aborted) await interrupt();
    const record = recordHere(part.entry, part.delivery.recipient, deps);
    let step =
      record.attempts === 0
        ? await attempt(part, record, 'started', deps.deadline, deps)
        : await resume(part, record, deps);
    while (typeof step === 'number') {
      await pause(part, step, deps);
      step = await attempt(part, record, 'started', deps.deadline, deps);
    }
    await part.finished(step);
  } catch (error) {
    part.failed(error);
  }
  part.ended();
}

/** One attempt under a deadline, recorded as made alone. What comes of it stands in the ledger when this resolves. */
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
    const record = recordOf(entry, delivery.recipient);
    await attempt({ entry, delivery: bounded }, record, 'alone', link.signal, deps);
    await deps.ledger.write(entry, record);
  } finally {
    link.abort();
  }
}
