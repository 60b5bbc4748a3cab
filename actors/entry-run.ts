import type { Failure } from '#streams/dead-letters.ts';
import { type StreamEntry, WHOLE_ENTRY } from '#streams/entry.ts';
import type { AttemptDeps } from './attempt.ts';
import type { Delivery, EntryHandler, Plan, RecipientResult } from './handler.ts';
import type { Mailbox, Mailboxes, Parkable, Task } from './mailbox.ts';
import type { Place } from './place.ts';
import { type Part, runPart } from './recipient.ts';

export interface EntryRunDeps<R> extends AttemptDeps {
  handler: EntryHandler<R>;
  mailboxes: Mailboxes;
  /** Told why an entry could not be finished here; it stays pending for its next owner. */
  halt(error: unknown): void;
}

/** One entry on its way: a part for each recipient, and one for those who need no delivery. */
class EntryRun<R> {
  readonly place: Place;
  readonly deps: EntryRunDeps<R>;
  /** Parts that have not ended. */
  #parts: number;
  #isBroken = false;

  constructor(place: Place, deps: EntryRunDeps<R>, parts: number) {
    this.place = place;
    this.deps = deps;
    this.#parts = parts;
  }

  failed(error: unknown): void {
    this.#isBroken = true;
    this.deps.halt(error);
  }

  /** The last part's end is the entry's. */
  ended(): void {
    this.#parts -= 1;
    if (this.#parts > 0) return;
    if (this.#isBroken) this.place.leave();
    else this.deps.ledger.settle(this.place);
  }
}

/** A recipient's message in their mailbox. */
class DeliveryPart<R> implements Task, Part<R> {
  readonly delivery: Delivery<R>;
  readonly #run: EntryRun<R>;
  #mailbox: Mailbox | null = null;

  constructor(run: EntryRun<R>, delivery: Delivery<R>) {
    this.#run = run;
    this.delivery = delivery;
  }

  get place(): Place {
    return this.#run.place;
  }

  get entry(): StreamEntry {
    return this.#run.place.entry;
  }

  get waits(): Parkable {
    return this.#mailbox ?? this.place;
  }

  run(mailbox: Mailbox): void {
    this.#mailbox = mailbox;
    void runPart(this, this.#run.deps);
  }

  readReceipt(json: unknown): R {
    return this.#run.deps.handler.readReceipt(json);
  }

  /** Before the recipient's next message begins: a second copy of this event finds it in the log. */
  finished(result: RecipientResult<R>): Promise<void> {
    this.place.finishOne();
    return this.#run.deps.handler.record(this.entry, [result], this.place.unfinished === 0);
  }

  failed(error: unknown): void {
    this.#run.failed(error);
  }

  ended(): void {
    this.#run.ended();
    this.#mailbox?.next();
  }
}

/**
 * Runs one planned entry over its recipients: attempt into the ledger, send, delivery log, settlement. Recipients are posted to
 * their mailboxes at once, so entries started in order reach every mailbox in order. The entry leaves its place at the end.
 */
export function runEntry<R>(place: Place, plan: Plan<R>, deps: EntryRunDeps<R>): void {
  if (plan.kind === 'undecodable') void buryWhole(place, plan.failure, deps);
  else if (plan.kind === 'deliver') deliverAll(place, plan, deps);
  else void replan(place, plan, deps);
}

function deliverAll<R>(place: Place, plan: Recipients<R>, deps: EntryRunDeps<R>): void {
  const { deliveries, concluded } = narrowed(plan, place.entry.only);
  const isConcluded = concluded.length > 0 || deliveries.length === 0;
  const run = new EntryRun(place, deps, deliveries.length + (isConcluded ? 1 : 0));
  place.unfinished = deliveries.length;
  for (const delivery of deliveries) deps.mailboxes.post(delivery.recipient, new DeliveryPart(run, delivery));
  if (isConcluded) void conclude(run, concluded, deliveries.length === 0);
}

/** The plan of an entry that died as a whole: nothing is left but to settle it. */
export const NOBODY = { kind: 'deliver', deliveries: [], concluded: [] } satisfies Plan<never>;

type Recipients<R> = Pick<Extract<Plan<R>, { kind: 'deliver' }>, 'deliveries' | 'concluded'>;

/** A dead letter is replayed for its recipient and nobody else; if the plan does not know them any more, for nobody. */
function narrowed<R>(plan: Recipients<R>, only: StreamEntry['only']): Recipients<R> {
  if (only === null || only === WHOLE_ENTRY) return plan;
  return {
    deliveries: plan.deliveries.filter(({ recipient }) => recipient === only),
    concluded: plan.concluded.filter(({ recipient }) => recipient === only),
  };
}

async function conclude<R>(run: EntryRun<R>, concluded: Recipients<R>['concluded'], isLast: boolean): Promise<void> {
  try {
    const results = concluded.map(({ recipient, receipt }) => ({ recipient, attempts: 0, receipt }));
    await run.deps.handler.record(run.place.entry, results, isLast);
  } catch (error) {
    run.failed(error);
  }
  run.ended();
}

async function buryWhole<R>(place: Place, failure: Failure, deps: EntryRunDeps<R>): Promise<void> {
  const now = deps.clock.date();
  const errors = { firstError: failure, lastError: failure, firstFailedAt: now, diedAt: now };
  try {
    await deps.deadLetters.bury(place.entry, { recipient: WHOLE_ENTRY, attempts: 0, ...errors });
    deliverAll(place, NOBODY, deps);
  } catch (error) {
    deps.halt(error);
    place.leave();
  }
}

/** An entry whose recipients could not be resolved is attempted as a whole, beside the stream. */
async function replan<R>(place: Place, first: Plan<R>, deps: EntryRunDeps<R>): Promise<void> {
  const { entry } = place;
  let plan = first;
  let isFresh = true;
  let isPlanned = false;
  const delivery: Delivery<'planned' | 'dead'> = {
    recipient: WHOLE_ENTRY,
    async deliver() {
      if (!isFresh) plan = await deps.handler.plan(entry);
      isFresh = false;
      if (plan.kind === 'failed') return { kind: 'failed', failure: plan.failure };
      if (plan.kind === 'deferred') return { kind: 'deferred', failure: plan.failure, delayMs: plan.delayMs };
      return { kind: 'done', receipt: 'planned' };
    },
    dead: () => 'dead',
  };
  // An earlier owner's success at planning is of no use here: the plan was in its memory.
  entry.records = entry.records.filter(({ recipient, state }) => recipient !== WHOLE_ENTRY || state !== 'done');
  place.unfinished = 1;
  await runPart(
    {
      entry,
      delivery,
      waits: place,
      readReceipt: () => 'planned',
      async finished({ receipt }) {
        place.finishOne();
        isPlanned = true;
        if (receipt === 'dead') plan = NOBODY;
      },
      failed: deps.halt,
      ended: () => (isPlanned ? runEntry(place, plan, deps) : place.leave()),
    },
    deps,
  );
}
