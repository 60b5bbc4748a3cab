import { type RecipientRecord, recordOf, type StreamEntry } from '#streams/entry.ts';
import { type AttemptDeps, attempt, bury, CRASHED, readFailure } from './attempt.ts';
import type { Delivery, RecipientResult } from './handler.ts';
import type { Parkable } from './mailbox.ts';
import { Interrupted } from './start.ts';

/** A wait of this length or more frees the recipient's place in memory for others, in ms. */
const PARK_FROM_MS = 5000;

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

/** Undefined for a receipt that this version cannot read: the delivery log then decides, or the message goes again. */
function readReceipt<R>(part: Part<R>, note: unknown): R | undefined {
  try {
    return part.readReceipt(note);
  } catch {
    return undefined;
  }
}

/** What earlier owners and this process know of the recipient, as the entry's record from now on. */
function recordHere(entry: StreamEntry, recipient: string, { recall, ledger }: AttemptDeps): RecipientRecord {
  const known = recall.take(entry.id, recipient);
  const record = recordOf(entry, recipient);
  // A burial whose answer was lost is one all the same.
  if (!known || record.state === 'dead') return record;
  Object.assign(record, known);
  ledger.note(entry, record);
  return record;
}

/** Goes on where an earlier owner stopped: with its result, with a burial that failed, or with the next attempt, the first one too. */
async function resume<R>(
  part: Part<R>,
  record: RecipientRecord,
  deps: AttemptDeps,
): Promise<RecipientResult<R> | number> {
  const { recipient, attempts, state, note, crashes } = record;
  if (state === 'dead') return { recipient, attempts, receipt: part.delivery.dead(readFailure(note) ?? CRASHED) };
  if (state === 'done') {
    const receipt = readReceipt(part, note);
    if (receipt !== undefined) return { recipient, attempts, receipt };
    record.note = undefined;
  }
  if ((state === 'done' || crashes > 0) && part.delivery.crashed)
    return { recipient, attempts, receipt: part.delivery.crashed(CRASHED) };
  const failure = readFailure(record.note);
  if (attempts >= deps.maxDeliveries && failure) {
    const { code, message } = failure;
    return await bury(part.entry, part.delivery, record, { code, message }, deps);
  }
  return await attempt(part, record, { state: 'started', signal: deps.deadline }, deps);
}

/** Not at once: thousands who wait in one mailbox would end on one stack. */
async function interrupt(): Promise<never> {
  await Promise.resolve();
  throw new Interrupted('stopped before the first attempt');
}

async function pause<R>(part: Part<R>, ms: number, deps: AttemptDeps): Promise<void> {
  const isLong = ms >= PARK_FROM_MS;
  if (isLong) part.waits.park();
  await deps.clock.sleep(ms, deps.stopping);
  if (isLong) part.waits.unpark();
}

/**
 * Attempts until the recipient is finished. Every attempt is in the ledger before it begins; its result goes there, and to the
 * delivery log, when it ended. Never rejects: what made going on impossible is the part's to tell.
 */
export async function runPart<R>(part: Part<R>, deps: AttemptDeps): Promise<void> {
  try {
    // Before the recall is asked: what it knows is for the holding that goes on.
    if (deps.stopping.aborted) await interrupt();
    const record = recordHere(part.entry, part.delivery.recipient, deps);
    let step = await resume(part, record, deps);
    while (typeof step === 'number') {
      await pause(part, step, deps);
      step = await attempt(part, record, { state: 'started', signal: deps.deadline }, deps);
    }
    await part.finished(step);
  } catch (error) {
    part.failed(error);
  }
  part.ended();
}
