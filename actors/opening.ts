import type { Consumer } from '#streams/consumer.ts';
import { type RecipientRecord, recordOf, type StreamEntry, WHOLE_ENTRY } from '#streams/entry.ts';
import type { Log } from '#streams/log.ts';
import { afterCrash } from './after-crash.ts';
import { ALONE_DEADLINE_MS, type AttemptDeps, attemptAlone, CRASHED } from './attempt.ts';
import type { Delivery, EntryHandler } from './handler.ts';
import type { Mailboxes } from './mailbox.ts';
import type { Tally } from './tally.ts';

const PAGE = 500;

export interface OpeningDeps<R> extends AttemptDeps {
  consumer: Consumer;
  /** The entries under way, those of earlier holdings included. */
  underWay: Tally;
  handler: EntryHandler<R>;
  mailboxes: Mailboxes;
  log: Log;
}

interface Suspect {
  entry: StreamEntry;
  recipient: string;
}

/**
 * Before a partition opens: charges the attempts that an earlier owner died in, and has those who were there at two deaths run
 * alone, one by one. A message that kills its process, in its sending or in its planning, is thus found out without taking
 * anybody with it.
 * @param planning ids of the entries that were last handed over to be planned
 */
export async function openAfterCrash<R>(planning: ReadonlySet<string>, deps: OpeningDeps<R>): Promise<void> {
  const suspects: Suspect[] = [];
  const pending = new Set<string>();
  let after = '-';
  while (!deps.stopping.aborted) {
    const page = await deps.consumer.review(after, PAGE);
    const last = page.at(-1);
    if (!last) break;
    for (const entry of page) {
      pending.add(entry.id);
      // A holding of this very process that broke off was no crash.
      if (planning.has(entry.id) && !deps.recall.isSuccessor) chargePlanning(entry);
    }
    suspects.push(...(await Promise.all(page.map((entry) => judge(entry, deps)))).flat());
    after = last.id;
  }
  if (deps.stopping.aborted) return;
  deps.recall.keepOnly(pending);
  await deps.consumer.forgetPlanning();
  if (suspects.length > 0) await runAllAlone(suspects, deps);
}

async function runAllAlone<R>(suspects: readonly Suspect[], deps: OpeningDeps<R>): Promise<void> {
  deps.log.warn({ suspects: suspects.length }, 'running suspects of crashes alone');
  // Sends of an earlier holding may still be under way; a suspect beside them would not be alone.
  await Promise.race([deps.underWay.none(), deps.clock.sleep(ALONE_DEADLINE_MS, deps.stopping)]);
  for (const suspect of suspects) {
    if (deps.stopping.aborted) return;
    await runAlone(suspect, deps);
  }
}

/** An entry with no send under way may have been in its planning, which has no record of its own. */
function chargePlanning(entry: StreamEntry): void {
  if (entry.records.some(({ state }) => state === 'started' || state === 'alone')) return;
  const whole = recordOf(entry, WHOLE_ENTRY);
  if (whole.state === 'waiting') whole.state = 'started';
}

/** Writes what the crash means for each recipient of the entry; answers the suspects. */
async function judge<R>(entry: StreamEntry, deps: OpeningDeps<R>): Promise<Suspect[]> {
  const suspects: Suspect[] = [];
  const changed: RecipientRecord[] = [];
  for (const record of entry.records) {
    const { recipient } = record;
    // Still under way here, from before the connection broke: its result will be known.
    if (deps.mailboxes.isBusy(recipient)) continue;
    // What this process itself knows is no crash.
    const known = deps.recall.take(entry.id, recipient);
    // A burial whose answer was lost is one all the same.
    if (record.state === 'dead') continue;
    const { verdict, record: judged } = known
      ? ({ verdict: 'bystander', record: known } as const)
      : afterCrash(record, deps.maxDeliveries);
    if (verdict === 'unconcerned') continue;
    Object.assign(record, judged);
    if (verdict === 'convicted') await convict(entry, record, deps);
    else changed.push(record);
    if (verdict === 'suspect') suspects.push({ entry, recipient });
  }
  await Promise.all(changed.map((record) => deps.ledger.write(entry, record)));
  return suspects;
}

async function convict<R>(
  entry: StreamEntry,
  { recipient, attempts }: RecipientRecord,
  deps: OpeningDeps<R>,
): Promise<void> {
  deps.log.error({ entry: entry.id, recipient, attempts }, 'this delivery ends its process each time; buried');
  const now = deps.clock.date();
  const errors = { firstError: CRASHED, lastError: CRASHED, firstFailedAt: now, diedAt: now };
  await deps.deadLetters.bury(entry, { recipient, attempts, ...errors });
}

/** What cannot be planned now is left to the ordinary way. */
async function runAlone<R>({ entry, recipient }: Suspect, deps: OpeningDeps<R>): Promise<void> {
  if (recipient === WHOLE_ENTRY) return await planAlone(entry, deps);
  const plan = await deps.handler.plan(entry).catch(() => null);
  if (plan?.kind !== 'deliver') return;
  const delivery = plan.deliveries.find((candidate) => candidate.recipient === recipient);
  if (delivery) await attemptAlone(entry, delivery, deps);
}

/**
 * That planning comes to an end is all that is asked here: it acquits the entry. The attempts before this last one were made in
 * company, and have no record.
 */
async function planAlone<R>(entry: StreamEntry, deps: OpeningDeps<R>): Promise<void> {
  const record = recordOf(entry, WHOLE_ENTRY);
  const earlier = record.attempts;
  let isAcquitted = false;
  const planning: Delivery<null> = {
    recipient: WHOLE_ENTRY,
    async deliver() {
      await deps.handler.plan(entry).catch(() => null);
      isAcquitted = true;
      return { kind: 'deferred', failure: { code: 'planned', message: 'planned alone after crashes' }, delayMs: 0 };
    },
    dead: () => null,
  };
  record.attempts = deps.maxDeliveries - 1;
  await attemptAlone(entry, planning, deps);
  if (!isAcquitted) return;
  Object.assign(record, { attempts: earlier, crashes: 0, note: undefined });
  await deps.ledger.write(entry, record);
}
