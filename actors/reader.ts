import { setMaxListeners } from 'node:events';
import type { Consumer } from '#streams/consumer.ts';
import { type StreamEntry, WHOLE_ENTRY } from '#streams/entry.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { Log } from '#streams/log.ts';
import { nextTurn } from '#streams/next-turn.ts';
import { type AdmissionLimits, createAdmission } from './admission.ts';
import { type EntryRunDeps, NOBODY, runEntry } from './entry-run.ts';
import type { Plan } from './handler.ts';
import { openAfterCrash } from './opening.ts';
import type { Place } from './place.ts';
import type { Tally } from './tally.ts';

const LIMITS: AdmissionLimits = { window: 1200, tenantWindow: 100, parked: 20_000, shelved: 50_000 };
const PAGE = 200;
/** Entries whose recipients are looked up together. */
const PLANNED_AT_ONCE = 50;
/** A window that stays full for this long is read past, so that other tenants' entries are found behind it, in ms. */
const READ_AHEAD_AFTER_MS = 50;

export interface ReaderDeps<R> extends EntryRunDeps<R> {
  consumer: Consumer;
  /** Told when all that a crash left has been judged. */
  opened(): void;
  /** The entries under way in this process; the reader adds its own. */
  underWay: Tally;
  log: Log;
}

/** Moves entries from the stream into the mailboxes, as many as there is room for: first those an earlier owner left, then new ones. */
export interface Reader {
  /** Until `stopping` aborts. Never rejects: what makes going on impossible halts the holding. Entries may still be under way then. */
  run(): Promise<void>;
}

export function createReader<R>(deps: ReaderDeps<R>): Reader {
  const { consumer, handler, underWay, clock, stopping, log } = deps;
  const admission = createAdmission(LIMITS, underWay);
  setMaxListeners(0, stopping, deps.deadline);

  /** Never rejects: a throw of the handler is a failed plan. */
  async function plan(entry: StreamEntry): Promise<Plan<R>> {
    if (entry.records.some(({ recipient, state }) => recipient === WHOLE_ENTRY && state === 'dead')) return NOBODY;
    try {
      return await handler.plan(entry);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', failure: { code: 'plan_failed', message } };
    }
  }

  /** Null when the process stops before a plan could be made. */
  async function settledPlan(entry: StreamEntry, first: Plan<R>): Promise<Plan<R> | null> {
    let planned = first;
    while (planned.kind === 'deferred' && !stopping.aborted) {
      log.warn({ entry: entry.id, code: planned.failure.code }, 'planning waits');
      await clock.sleep(planned.delayMs, stopping);
      planned = await plan(entry);
    }
    return planned.kind === 'deferred' ? null : planned;
  }

  /** A few at a time, so that the first of a long page is not planned behind the last. */
  async function begin(admitted: Place[]): Promise<void> {
    for (let from = 0; from < admitted.length; from += PLANNED_AT_ONCE)
      await beginSome(admitted.slice(from, from + PLANNED_AT_ONCE));
  }

  /** Starts entries in their order, whatever order their plans are ready in. */
  async function beginSome(admitted: Place[]): Promise<void> {
    const plans = admitted.map(({ entry }) => (stopping.aborted ? null : plan(entry)));
    for (const [index, place] of admitted.entries()) {
      const first = await plans[index];
      const planned = first?.kind === 'deferred' ? await settledPlan(place.entry, first) : first;
      if (planned && !stopping.aborted) runEntry(place, planned, deps);
      else place.leave();
    }
  }

  async function accept(entries: StreamEntry[]): Promise<void> {
    const admitted: Place[] = [];
    for (const entry of entries) {
      const place = admission.enter(handler.tenantOf(entry), entry);
      if (place) admitted.push(place);
    }
    await begin(admitted);
  }

  /** Takes from the shelves what there is room for by now. */
  async function refill(): Promise<void> {
    const due = admission.due(PAGE);
    if (due.length === 0) return;
    const found = new Map((await consumer.fetch(due.map(({ id }) => id))).map((entry) => [entry.id, entry]));
    const admitted: Place[] = [];
    for (const { tenant, id } of due) {
      const place = admission.unshelve(tenant, found.get(id));
      if (place) admitted.push(place);
    }
    await begin(admitted);
  }

  /** How many entries to read now: what there is room for, or, where the window stays full, a page ahead; 0 at the end. */
  async function appetite(): Promise<number> {
    for (;;) {
      await refill();
      if (stopping.aborted) return 0;
      const room = admission.room();
      if (room > 0) return Math.min(PAGE, room);
      const waiting = linkedSignal(stopping);
      const stayedFull = clock.sleep(READ_AHEAD_AFTER_MS, waiting.signal);
      const isFull = await Promise.race([stayedFull, admission.changed()]);
      waiting.abort();
      // The places of a whole script come free one by one.
      await nextTurn();
      if (isFull && admission.mayReadAhead()) return PAGE;
    }
  }

  async function takeOver(): Promise<void> {
    let after = '-';
    for (let count = await appetite(); count > 0; count = await appetite()) {
      const page = await consumer.takeOver(after, count);
      const last = page.at(-1);
      if (!last) return;
      await accept(page);
      after = last.id;
    }
  }

  async function readNew(): Promise<void> {
    for (let count = await appetite(); count > 0; count = await appetite()) {
      const entries = await consumer.read(count);
      if (entries.length > 0) await accept(entries);
      else await untilNews();
    }
  }

  /** A new entry, or room for one on the shelf. */
  async function untilNews(): Promise<void> {
    const waiting = linkedSignal(stopping);
    const news: Promise<void>[] = [consumer.doorbell(waiting.signal)];
    if (admission.hasShelved()) news.push(admission.changed());
    await Promise.race(news);
    waiting.abort();
  }

  return {
    async run() {
      try {
        const planned = await consumer.open();
        await openAfterCrash(planned, deps);
        if (!stopping.aborted) deps.opened();
        await takeOver();
        await readNew();
      } catch (error) {
        deps.halt(error);
      }
    },
  };
}
