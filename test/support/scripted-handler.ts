import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, EntryHandler } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import type { StreamEntry } from '#streams/entry.ts';

/** An event that says itself how its sends go, so that an owner in another process needs no further word. */
export interface ScriptedEvent {
  n: number;
  to: string[];
  /** Recipients whose fate needs no delivery. */
  silent?: string[];
  tenant?: string;
  planTakesMs?: number;
  sendTakesMs?: number;
  /** How many attempts fail before one succeeds. */
  fails?: number;
  /** The process ends itself in the middle of the send. */
  kills?: boolean;
  recordTakesMs?: number;
}

/** What an owner did; `at` in ms on a clock that all processes of the machine share. */
export type Note = { by: string; at: number } & (
  | { what: 'began'; n: number; recipient: string; attempt: number }
  | {
      what: 'ended';
      n: number;
      recipient: string;
      attempt: number;
      outcome: 'done' | 'failed' | 'deferred' | 'aborted';
    }
  | { what: 'recorded'; n: number; results: { recipient: string; attempts: number; receipt: string }[]; last: boolean }
);

export type Send = (event: ScriptedEvent, attempt: number, signal: AbortSignal) => Promise<Outcome<string>>;

const FAILURE = { code: 'refused', message: 'no' };

async function asTheEventSays(event: ScriptedEvent, attempt: number, signal: AbortSignal): Promise<Outcome<string>> {
  if (event.kills) {
    process.kill(process.pid, 'SIGKILL');
    await sleep(60_000);
  }
  if (event.sendTakesMs) await sleep(event.sendTakesMs, undefined, { signal });
  return attempt <= (event.fails ?? 0) ? { kind: 'failed', failure: FAILURE } : { kind: 'done', receipt: 'delivered' };
}

export const machineMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

/**
 * Tells of every send and every record.
 * @param by names the owner
 * @param send how a send goes, where the event's own words do not suffice
 * @param logged how the event ended for the recipient, as far as the delivery log knows; asked for what is redelivered
 */
export function createScriptedHandler(options: {
  by: string;
  note(note: Note): void;
  send?: Send;
  logged?(n: number, recipient: string): string | undefined;
}): EntryHandler<string> {
  const { by, note, send = asTheEventSays, logged = () => undefined } = options;

  async function deliver(
    entry: StreamEntry,
    event: ScriptedEvent,
    recipient: string,
    { number: attempt, signal }: { number: number; signal: AbortSignal },
  ): Promise<Outcome<string>> {
    const receipt = entry.redelivered ? logged(event.n, recipient) : undefined;
    const isReplayed = entry.only === recipient && receipt === 'dead';
    if (receipt !== undefined && !isReplayed) return { kind: 'done', receipt };
    const what = { by, n: event.n, recipient, attempt };
    note({ ...what, what: 'began', at: machineMs() });
    try {
      const outcome = await send(event, attempt, signal);
      note({ ...what, what: 'ended', at: machineMs(), outcome: outcome.kind });
      return outcome;
    } catch (error) {
      note({ ...what, what: 'ended', at: machineMs(), outcome: 'aborted' });
      throw error;
    }
  }

  return {
    tenantOf: (entry) => /"tenant":"(\w+)"/.exec(entry.event)?.[1] ?? '',
    async plan(entry) {
      const event = JSON.parse(entry.event) as ScriptedEvent;
      if (event.planTakesMs) await sleep(event.planTakesMs);
      const deliveries = event.to.map(
        (recipient): Delivery<string> => ({
          recipient,
          deliver: (attempt) => deliver(entry, event, recipient, attempt),
          dead: () => 'dead',
        }),
      );
      const concluded = (event.silent ?? []).map((recipient) => ({ recipient, receipt: 'suppressed' }));
      return { kind: 'deliver', deliveries, concluded };
    },
    async record(entry, results, last) {
      const { n, recordTakesMs } = JSON.parse(entry.event) as ScriptedEvent;
      if (recordTakesMs) await sleep(recordTakesMs);
      note({ by, what: 'recorded', at: machineMs(), n, results, last });
    },
    readReceipt: String,
  };
}
