import { type StreamEntry, WHOLE_ENTRY } from '#streams/entry.ts';
import type { Settler } from '#streams/settle.ts';
import type { Place } from './admission.ts';
import type { Delivery, EntryHandler, Plan, RecipientResult } from './handler.ts';
import type { Mailboxes } from './mailbox.ts';
import { finishRecipient, type RecipientDeps } from './recipient.ts';

export interface EntryRunDeps<R> extends RecipientDeps {
  handler: EntryHandler<R>;
  mailboxes: Mailboxes;
  settler: Settler;
}

/**
 * Runs one planned entry over its recipients: ledger, then delivery log, then settlement. Recipients are posted to their
 * mailboxes before the first await, so entries started in order reach every mailbox in order.
 * Rejects when the entry could not be finished here; it then stays pending for its next owner.
 */
export async function runEntry<R>(
  entry: StreamEntry,
  plan: Plan<R>,
  place: Place,
  deps: EntryRunDeps<R>,
): Promise<void> {
  const { handler, mailboxes, settler } = deps;

  if (plan.kind === 'undecodable') {
    const [now, failure] = [deps.clock.date(), plan.failure];
    const errors = { firstError: failure, lastError: failure, firstFailedAt: now, diedAt: now };
    await deps.deadLetters.bury(entry, { recipient: WHOLE_ENTRY, attempts: 0, ...errors });
    await handler.record(entry, [], true);
    return await settler.settle(entry);
  }
  if (plan.kind !== 'deliver') return await replan(entry, plan, place, deps);

  const { deliveries, concluded: ends } = narrowed(plan, entry.only);
  const concluded: RecipientResult<R>[] = ends.map(({ recipient, receipt }) => ({ recipient, attempts: 0, receipt }));
  let left = deliveries.length;
  const recorded = deliveries.map(async (delivery) => {
    place.waitFor(delivery.recipient);
    // Recorded before the recipient's next message begins: a second copy of this event finds it in the log.
    await mailboxes.post(delivery.recipient, async () => {
      const result = await finishRecipient(entry, delivery, handler.readReceipt, deps);
      left -= 1;
      await handler.record(entry, [result], left === 0);
    });
    place.finished(delivery.recipient);
  });
  if (concluded.length > 0 || left === 0) recorded.push(handler.record(entry, concluded, left === 0));

  await allOrFirstError(recorded);
  await settler.settle(entry);
}

type Recipients<R> = Pick<Extract<Plan<R>, { kind: 'deliver' }>, 'deliveries' | 'concluded'>;

/** A dead letter is replayed for its recipient and nobody else; if the plan does not know them any more, for nobody. */
function narrowed<R>(plan: Recipients<R>, only: StreamEntry['only']): Recipients<R> {
  if (only === null || only === WHOLE_ENTRY) return plan;
  return {
    deliveries: plan.deliveries.filter(({ recipient }) => recipient === only),
    concluded: plan.concluded.filter(({ recipient }) => recipient === only),
  };
}

/** Waits for all, so that nothing is under way any more when the first error is thrown. */
async function allOrFirstError(work: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** An entry whose recipients could not be resolved is attempted as a whole, beside the stream. */
async function replan<R>(entry: StreamEntry, first: Plan<R>, place: Place, deps: EntryRunDeps<R>): Promise<void> {
  let plan = first;
  let fresh = true;
  const planning: Delivery<'planned' | 'dead'> = {
    recipient: WHOLE_ENTRY,
    async deliver() {
      if (!fresh) plan = await deps.handler.plan(entry);
      fresh = false;
      if (plan.kind === 'failed') return { kind: 'failed', failure: plan.failure };
      if (plan.kind === 'deferred') return { kind: 'deferred', failure: plan.failure, delayMs: plan.delayMs };
      return { kind: 'done', receipt: 'planned' };
    },
    dead: () => 'dead',
  };
  // An earlier owner's success at planning is of no use here: the plan was in its memory.
  const unplanned = entry.ledger.get(WHOLE_ENTRY)?.state === 'done' ? { ...entry, ledger: new Map() } : entry;
  place.waitFor(WHOLE_ENTRY);
  const { receipt } = await finishRecipient(unplanned, planning, () => 'planned' as const, deps);
  place.finished(WHOLE_ENTRY);
  if (receipt === 'planned') return await runEntry(entry, plan, place, deps);
  await deps.handler.record(entry, [], true);
  await deps.settler.settle(entry);
}
