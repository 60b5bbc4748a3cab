import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetters, Failure } from '#streams/dead-letters.ts';
import type { RecipientState, StreamEntry } from '#streams/entry.ts';
import type { Ledger } from '#streams/ledger.ts';
import type { Delivery, RecipientResult } from './handler.ts';
import { nextStep, type Outcome } from './outcome.ts';

export interface RecipientDeps {
  ledger: Ledger;
  deadLetters: DeadLetters;
  maxDeliveries: number;
  /** The pause after the failed attempt of this number, in ms. */
  backoff(attempt: number): number;
  clock(): Date;
  /** Aborts when no new attempt may begin. */
  stopping: AbortSignal;
  /** Aborts when attempts under way must end. */
  deadline: AbortSignal;
}

/** The work was given up because the process stops or the partition passed on; the entry stays pending. */
export class Interrupted extends Error {
  readonly code = 'interrupted';
}

const CRASHED: Failure = { code: 'crashed', message: 'the process ended during the attempt' };

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

/** The failure in the note of a recipient who is not finished; `at` is its time (ISO 8601). */
type FirstFailure = Failure & { at?: string };

function readFailure(note: string): FirstFailure | undefined {
  return note === '' ? undefined : (JSON.parse(note) as FirstFailure);
}

/** One attempt; what it throws is a failure, not control flow. */
async function attemptOnce<R>(delivery: Delivery<R>, number: number, signal: AbortSignal): Promise<Outcome<R>> {
  try {
    return await delivery.deliver({ number, signal });
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) };
  }
}

/**
 * Attempts until the recipient is finished. Every attempt is in the ledger before it begins, its result after it ended.
 * @param readReceipt for a recipient whom an earlier owner finished and did not log
 * @throws {Interrupted} when the process stops first
 * @throws fenced when the partition was lost before a result could be written and nothing was delivered
 */
export async function deliverToRecipient<R>(
  entry: StreamEntry,
  delivery: Delivery<R>,
  readReceipt: (json: unknown) => R,
  deps: RecipientDeps,
): Promise<RecipientResult<R>> {
  const { recipient } = delivery;
  const earlier = entry.ledger.get(recipient);
  let attempts = earlier?.attempts ?? 0;
  if (earlier?.state === 'done') return { recipient, attempts, receipt: readReceipt(JSON.parse(earlier.note)) };
  let firstError = readFailure(earlier?.note ?? '');
  if (earlier?.state === 'dead') return { recipient, attempts, receipt: delivery.dead(firstError ?? CRASHED) };

  const note = (state: RecipientState, content: unknown) =>
    deps.ledger.write({
      entryId: entry.id,
      recipient,
      attempts,
      state,
      note: content === undefined ? '' : JSON.stringify(content),
    });

  async function bury(lastError: Failure): Promise<RecipientResult<R>> {
    const diedAt = deps.clock();
    const { at = diedAt, ...first }: FirstFailure | ({ at?: Date } & Failure) = firstError ?? lastError;
    const times = { firstFailedAt: new Date(at), diedAt };
    await deps.deadLetters.bury(entry, { recipient, attempts, firstError: first, lastError, ...times });
    return { recipient, attempts, receipt: delivery.dead(lastError) };
  }

  for (;;) {
    if (deps.stopping.aborted) throw new Interrupted('stopped before the next attempt');
    if (attempts >= deps.maxDeliveries) return await bury(CRASHED);
    attempts += 1;
    await note('started', firstError);

    const outcome = await attemptOnce(delivery, attempts, deps.deadline);
    const step = nextStep(outcome, attempts, deps.maxDeliveries, deps.backoff);
    if (step.kind === 'bury') return await bury(step.failure);
    if (step.kind === 'finish') {
      // A lost partition must not hide a delivery from the log, which its next owner consults.
      await note('done', step.receipt).catch(() => undefined);
      return { recipient, attempts, receipt: step.receipt };
    }
    firstError ??= { ...step.failure, at: deps.clock().toISOString() };
    attempts = step.attemptsUsed;
    await note('waiting', firstError);
    await sleep(step.delayMs, undefined, { signal: deps.stopping }).catch(() => undefined);
  }
}
