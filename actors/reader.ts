import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from '#streams/consumer.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { Log } from '#streams/log.ts';
import { type EntryRunDeps, runEntry } from './entry-run.ts';
import type { Plan } from './handler.ts';

/** Entries held in memory at once. */
const WINDOW = 2000;
const PAGE = 500;

export interface ReaderDeps<R> extends EntryRunDeps<R> {
  consumer: Consumer;
  log: Log;
}

/** Moves entries from the stream into the mailboxes, as many as there is room for: first those an earlier owner left, then new ones. */
export interface Reader {
  /** Until `stopping` aborts. Rejects with the error that made reading impossible; nothing is under way when it ends. */
  run(): Promise<void>;
}

export function createReader<R>(deps: ReaderDeps<R>): Reader {
  const { consumer, handler, log } = deps;
  const underWay = new Set<Promise<void>>();
  /** Aborts with the first error that ended an entry here: the partition is then begun anew, with its pending list. */
  const halted = new AbortController();
  const stopping = AbortSignal.any([deps.stopping, halted.signal]);
  setMaxListeners(0, stopping);

  /** Never rejects: a throw of the handler is a failed plan. */
  async function plan(entry: StreamEntry): Promise<Plan<R>> {
    try {
      return await handler.plan(entry);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', failure: { code: 'plan_failed', message } };
    }
  }

  async function settledPlan(entry: StreamEntry, first: Promise<Plan<R>>): Promise<Plan<R> | null> {
    let planned = await first;
    while (planned.kind === 'deferred') {
      log.warn({ entry: entry.id, code: planned.failure.code }, 'planning waits');
      await sleep(planned.delayMs, undefined, { signal: stopping }).catch(() => undefined);
      if (stopping.aborted) return null;
      planned = await plan(entry);
    }
    return planned;
  }

  async function accept(entries: StreamEntry[]): Promise<void> {
    const plans = entries.map((entry) => plan(entry));
    for (const [index, entry] of entries.entries()) {
      const planned = await settledPlan(entry, plans[index] as Promise<Plan<R>>);
      if (!planned || stopping.aborted) return;
      const run = runEntry(entry, planned, { ...deps, stopping })
        .catch((error: unknown) => {
          if (!stopping.aborted) halted.abort(error);
        })
        .finally(() => underWay.delete(run));
      underWay.add(run);
    }
  }

  async function room(): Promise<number> {
    while (underWay.size >= WINDOW && !stopping.aborted) await Promise.race(underWay);
    return Math.min(PAGE, WINDOW - underWay.size);
  }

  async function takeOver(): Promise<void> {
    let after = '-';
    while (!stopping.aborted) {
      const page = await consumer.takeOver(after, Math.max(1, await room()));
      const last = page.at(-1);
      if (!last) return;
      await accept(page);
      after = last.id;
    }
  }

  async function readNew(): Promise<void> {
    while (!stopping.aborted) {
      const entries = await consumer.read(Math.max(1, await room()));
      if (entries.length > 0) await accept(entries);
      else await consumer.doorbell(stopping);
    }
  }

  return {
    async run() {
      try {
        await consumer.ensureGroup();
        await takeOver();
        await readNew();
      } catch (error) {
        halted.abort(error);
      } finally {
        await Promise.allSettled(underWay);
      }
      halted.signal.throwIfAborted();
    },
  };
}
