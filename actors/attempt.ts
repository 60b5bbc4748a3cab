import type { Clock } from '#streams/clock.ts';
import type { DeadLetters, Failure } from '#streams/dead-letters.ts';
import { type RecipientRecord, recordOf, type StreamEntry } from '#streams/entry.ts';
import type { Ledger } from '#streams/ledger.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { Delivery, RecipientResult } from './handler.ts';
import { type FailedOutcome, nextStep, type Outcome } from './outcome.ts';
import type { Recall } from './recall.ts';
import { createStart, giveBack, Interrupted } from './start.ts';

/** How long a suspect of two crashes may keep the partition closed, in ms. */
export const ALONE_DEADLINE_MS = 15_000;

export interface AttemptDeps {
  ledger: Ledger;
  deadLetters: DeadLetters;
  recall: Recall;
  maxDeliveries: number;
  /** The pause after the failed attempt of this number, in ms. */
  backoff(attempt: number): number;
  clock: Clock;
  /** Whether nobody else can own the partition yet. */
  isCurrent(): boolean;
  /** Aborts when no new attempt may begin. */
  stopping: AbortSignal;
  /** Aborts when attempts under way must end. */
  deadline: AbortSignal;
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

export function readFailure(note: unknown): FirstFailure | undefined {
  const isFailure = typeof note === 'object' && note !== null && 'code' in note && 'message' in note;
  return isFailure ? (note as FirstFailure) : undefined;
}

/** A failed write is remembered: the record waits, its attempts executed. */
export async function bury<R>(
  entry: StreamEntry,
  delivery: Delivery<R>,
  record: RecipientRecord,
  lastError: Failure,
  deps: AttemptDeps,
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

/** What is to be delivered, and of which entry. */
interface Addressed<R> {
  readonly entry: StreamEntry;
  readonly delivery: Delivery<R>;
}

/** How an attempt is made. */
interface Manner {
  /** How the ledger names an attempt that is under way. */
  state: 'started' | 'alone';
  signal: AbortSignal;
}

/** Begins and ends one attempt; answers the result, or how long to wait for the next one, in ms. */
export function attempt<R>(
  addressed: Addressed<R>,
  record: RecipientRecord,
  manner: Manner,
  deps: AttemptDeps,
): Promise<RecipientResult<R> | number> {
  const { admit } = addressed.delivery;
  return admit ? attemptOnceAdmitted(addressed, record, manner, admit, deps) : execute(addressed, record, manner, deps);
}

async function attemptOnceAdmitted<R>(
  addressed: Addressed<R>,
  record: RecipientRecord,
  manner: Manner,
  admit: NonNullable<Delivery<R>['admit']>,
  deps: AttemptDeps,
): Promise<RecipientResult<R> | number> {
  const leave = await admit(deps.stopping);
  try {
    return await execute(addressed, record, { ...manner, leave: leave ?? undefined }, deps);
  } finally {
    leave?.();
  }
}

async function execute<R>(
  { entry, delivery }: Addressed<R>,
  record: RecipientRecord,
  { state, signal, leave = () => undefined }: Manner & { leave?: (() => void) | undefined },
  deps: AttemptDeps,
): Promise<RecipientResult<R> | number> {
  if (deps.stopping.aborted) throw new Interrupted('stopped before the next attempt');
  const { isCurrent } = deps;
  const start = createStart(entry, record, state, deps);
  if (!delivery.crashed) await start.written();

  let outcome: Outcome<R>;
  try {
    const number = record.attempts + (start.isMade() ? 0 : 1);
    outcome = await delivery.deliver({ number, signal, isCurrent, begin: start.begin, leave });
  } catch (error) {
    // What a delivery throws is a failure, not control flow.
    outcome = { kind: 'failed', failure: failureOf(error) };
  }
  if (start.isMade()) await start.written();
  else if (outcome.kind === 'deferred') return outcome.delayMs;
  else if (outcome.kind === 'failed') record.attempts += 1;
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
  deps: AttemptDeps,
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

/** One attempt under a deadline, recorded as made alone. What comes of it stands in the ledger when this resolves. */
export async function attemptAlone<R>(entry: StreamEntry, delivery: Delivery<R>, deps: AttemptDeps): Promise<void> {
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
    await attempt({ entry, delivery: bounded }, record, { state: 'alone', signal: link.signal }, deps);
    await deps.ledger.write(entry, record);
  } finally {
    link.abort();
  }
}
