import type { Consumer } from '#streams/consumer.ts';
import type { RecipientRecord, StreamEntry } from '#streams/entry.ts';
import type { Log } from '#streams/log.ts';
import { afterCrash } from './after-crash.ts';
import type { EntryHandler } from './handler.ts';
import type { Mailboxes } from './mailbox.ts';
import { attemptAlone, CRASHED, type RecipientDeps } from './recipient.ts';

const PAGE = 500;

export interface OpeningDeps<R> extends RecipientDeps {
  consumer: Consumer;
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
 * alone, one by one. A message that kills its process is thus found out without taking anybody with it.
 */
export async function openAfterCrash<R>(deps: OpeningDeps<R>): Promise<void> {
  const suspects: Suspect[] = [];
  let after = '-';
  while (!deps.stopping.aborted) {
    const page = await deps.consumer.takeOver(after, PAGE);
    const last = page.at(-1);
    if (!last) break;
    suspects.push(...(await Promise.all(page.map((entry) => judge(entry, deps)))).flat());
    after = last.id;
  }
  if (suspects.length > 0) deps.log.warn({ suspects: suspects.length }, 'running suspects of crashes alone');
  for (const suspect of suspects) {
    if (deps.stopping.aborted) return;
    await runAlone(suspect, deps);
  }
}

/** Writes what the crash means for each recipient of the entry; answers the suspects. */
async function judge<R>(entry: StreamEntry, deps: OpeningDeps<R>): Promise<Suspect[]> {
  const judged = new Map<string, RecipientRecord>(entry.ledger);
  const suspects: Suspect[] = [];
  for (const [recipient, before] of entry.ledger) {
    // Still under way here, from before the connection broke: its result will be known.
    if (deps.mailboxes.isBusy(recipient)) continue;
    // What this process itself knows is no crash.
    const known = deps.recall.take(entry.id, recipient);
    const { verdict, record } = known
      ? ({ verdict: 'bystander', record: known } as const)
      : afterCrash(before, deps.maxDeliveries);
    if (verdict === 'unconcerned') continue;
    judged.set(recipient, record);
    if (verdict === 'convicted') await convict(entry, recipient, record, deps);
    else await deps.ledger.write({ entryId: entry.id, recipient, ...record });
    if (verdict === 'suspect') suspects.push({ entry: { ...entry, ledger: judged }, recipient });
  }
  return suspects;
}

async function convict<R>(
  entry: StreamEntry,
  recipient: string,
  { attempts }: RecipientRecord,
  deps: OpeningDeps<R>,
): Promise<void> {
  deps.log.error({ entry: entry.id, recipient, attempts }, 'this delivery ends its process each time; buried');
  const now = deps.clock.date();
  const errors = { firstError: CRASHED, lastError: CRASHED, firstFailedAt: now, diedAt: now };
  await deps.deadLetters.bury(entry, { recipient, attempts, ...errors });
}

/** What cannot be planned now is left to the ordinary way. */
async function runAlone<R>({ entry, recipient }: Suspect, deps: OpeningDeps<R>): Promise<void> {
  const plan = await deps.handler.plan(entry).catch(() => null);
  if (plan?.kind !== 'deliver') return;
  const delivery = plan.deliveries.find((candidate) => candidate.recipient === recipient);
  if (delivery) await attemptAlone(entry, delivery, deps);
}
