import type { Delivery, EntryHandler, Plan } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { SeededRandom } from '../chaos/seeded-random.ts';
import type { Chronicle, Send } from './chronicle.ts';
import type { EventScript, Fate } from './history.ts';
import type { SimulatedProcess } from './process.ts';
import { NATURE, type World } from './world.ts';

const AT_ONCE: Fate = { kind: 'done', ms: 0 };
const FAILURE = { code: 'refused', message: 'as the script says' };

/** The number of the event in an entry. */
function numberOf(entry: Pick<StreamEntry, 'event'>): number {
  return (JSON.parse(entry.event) as { n: number }).n;
}

export interface HandlerDeps {
  world: World;
  random: SeededRandom;
  chronicle: Chronicle;
  recordMs: number;
  /** The name of the process that holds the lease. */
  holder(): string | null;
  process: SimulatedProcess;
}

/** One process's handler: delivers as the events' scripts say, and keeps its log as the product does. */
export function createScriptedHandler(deps: HandlerDeps): EntryHandler<string> {
  const { world, random, chronicle, process } = deps;

  const scriptOf = (n: number): EventScript | null => chronicle.events.find((event) => event.n === n)?.script ?? null;
  const logged = (n: number, recipient: string) =>
    chronicle.log.find((end) => end.n === n && end.recipient === recipient);

  function send(n: number, recipient: string, number: number, signal: AbortSignal): Promise<Outcome<string>> {
    const earlier = chronicle.sends.filter((other) => other.n === n && other.recipient === recipient);
    const begun: Send = {
      n,
      recipient,
      process: process.name,
      number,
      fate: scriptOf(n)?.to[recipient]?.[earlier.length] ?? AT_ONCE,
      beganAt: world.now(),
      holder: deps.holder(),
      besides: chronicle.sends.filter(
        (other) => other.recipient === recipient && other.endedAt === null && !other.isOrphan,
      ),
      arrivedAt: null,
      endedAt: null,
      outcome: null,
      isOrphan: false,
    };
    chronicle.sends.push(begun);
    process.tell(`sends ${n} to ${recipient}, attempt ${number}: ${begun.fate.kind} in ${begun.fate.ms} ms`);
    return carryOut(begun, signal);
  }

  /** It arrives in the middle of its time, also when its process is paused, and maybe when it is dead. */
  function carryOut(begun: Send, signal: AbortSignal): Promise<Outcome<string>> {
    const { fate } = begun;
    if (fate.kind === 'done')
      world.after(NATURE, Math.floor(fate.ms / 2), () => {
        const isCutShort = process.status === 'dead' || begun.outcome === 'aborted' || begun.outcome === 'overdue';
        if (isCutShort && random.chance(0.5)) return;
        begun.arrivedAt = world.now();
        chronicle.arrivals.push(begun);
        process.tell(`${begun.n} arrives at ${begun.recipient}`);
      });
    return new Promise((resolve, reject) => {
      const end = (outcome: NonNullable<Send['outcome']>) => {
        callOff();
        signal.removeEventListener('abort', abort);
        [begun.endedAt, begun.outcome] = [world.now(), outcome];
      };
      const abort = () => {
        end(process.stopped === 'no' ? 'overdue' : 'aborted');
        reject(new Error('aborted'));
      };
      const finish = () => {
        if (fate.kind === 'deadly') return process.crash();
        // What the process hears comes after what happened outside of it.
        if (fate.kind === 'done' && begun.arrivedAt === null) {
          callOff = world.after(process, 0, finish);
          return;
        }
        end(fate.kind);
        if (fate.kind === 'thrown') reject(new Error('as the script says'));
        else if (fate.kind === 'failed') resolve({ kind: 'failed', failure: FAILURE });
        else if (fate.kind === 'deferred') resolve({ kind: 'deferred', failure: FAILURE, delayMs: fate.delayMs });
        else resolve({ kind: 'done', receipt: `sent by ${process.name}` });
      };
      let callOff = world.after(process, fate.ms, finish);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
    });
  }

  /** What fails of planning; undefined when it succeeds. */
  function failedPlan(n: number, script: EventScript): Exclude<Plan<string>, { kind: 'deliver' }> | undefined {
    const calls = chronicle.planned.get(n) ?? 0;
    chronicle.planned.set(n, calls + 1);
    const fate = script.plans[calls];
    if (fate) process.tell(`plans ${n}: ${fate.kind}`);
    if (fate?.kind === 'deferred') return { kind: 'deferred', failure: FAILURE, delayMs: fate.delayMs };
    if (fate) chronicle.failedPlans.set(n, (chronicle.failedPlans.get(n) ?? 0) + 1);
    if (fate?.kind === 'thrown') throw new Error('as the script says');
    return fate && { kind: 'failed', failure: FAILURE };
  }

  return {
    tenantOf: (entry) => scriptOf(numberOf(entry))?.tenant ?? '',

    async plan(entry) {
      const n = numberOf(entry);
      const script = scriptOf(n);
      if (!script) return { kind: 'undecodable', failure: FAILURE };
      const failed = failedPlan(n, script);
      if (failed) return failed;
      const isOpen = (recipient: string) => !(entry.redelivered && logged(n, recipient));
      const deliveries = Object.keys(script.to)
        .filter(isOpen)
        .map(
          (recipient): Delivery<string> => ({
            recipient,
            async deliver({ number, signal }) {
              const before = entry.redelivered ? logged(n, recipient) : undefined;
              if (before) return { kind: 'done', receipt: before.receipt };
              return await send(n, recipient, number, signal);
            },
            dead: ({ code }) => `dead: ${code}`,
          }),
        );
      const concluded = script.excluded.filter(isOpen).map((recipient) => ({ recipient, receipt: 'excluded' }));
      return { kind: 'deliver', deliveries, concluded };
    },

    record(entry, results, last) {
      const n = numberOf(entry);
      const commit = () => {
        if (process.status === 'dead' && random.chance(0.5)) return;
        for (const { recipient, attempts, receipt } of results) {
          chronicle.log.push({ n, recipient, attempts, receipt, at: world.now() });
          process.tell(`logs ${n} to ${recipient}: ${receipt}`);
        }
        if (last) chronicle.closed.push(n);
      };
      return new Promise((resolve) => {
        world.after(NATURE, deps.recordMs, () => {
          commit();
          world.after(process, 0, resolve);
        });
      });
    },

    readReceipt: (json) => String(json),
  };
}
