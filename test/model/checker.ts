import { WHOLE_ENTRY } from '#streams/entry.ts';
import { type Charge, type Chronicle, type PublishedEvent, recipientsOf, type Send } from './chronicle.ts';
import { MAX_DELIVERIES } from './process.ts';

/** Keys that may be there when nothing is under way. */
const LASTING_KEYS = new Set(['epoch', 'dead', 'relay'].map((name) => `events:p2p:${name}`).concat('events:p2p'));

/** All that the chronicle knows of one recipient of one event. */
interface Pair {
  event: PublishedEvent;
  recipient: string;
  name: string;
  sends: Send[];
  arrivals: Send[];
  ends: Chronicle['log'];
  letters: Chronicle['letters'];
  charges: Charge[];
  /** Attempts that counted and failed, as the engine heard. */
  failed: Send[];
}

const COUNTED = new Set<Send['outcome']>(['failed', 'thrown', 'overdue']);
/** Ended by the engine, which cannot know whether it arrived. */
const CUT_SHORT = new Set<Send['outcome']>(['aborted', 'overdue']);

function pairsOf(chronicle: Chronicle): Pair[] {
  const of = <T extends { n: number; recipient: string }>(from: readonly T[], n: number, recipient: string) =>
    from.filter((one) => one.n === n && one.recipient === recipient);
  return chronicle.events.flatMap((event) =>
    [...recipientsOf(event), ...(event.script ? [WHOLE_ENTRY] : [])].map((recipient): Pair => {
      const sends = of(chronicle.sends, event.n, recipient);
      return {
        event,
        recipient,
        name: `${event.n} to ${recipient}`,
        sends,
        arrivals: of(chronicle.arrivals, event.n, recipient),
        ends: of(chronicle.log, event.n, recipient),
        letters: of(chronicle.letters, event.n, recipient),
        charges: of(chronicle.charges, event.n, recipient),
        failed: sends.filter(({ outcome }) => COUNTED.has(outcome)),
      };
    }),
  );
}

/** What is wrong with a history that has come to rest; each begins with the invariant's name. */
export function check(chronicle: Chronicle): string[] {
  const pairs = pairsOf(chronicle);
  const isWholeDead = (n: number) => chronicle.letters.some((one) => one.n === n && one.recipient === WHOLE_ENTRY);
  return [
    ...pairs.flatMap((pair) => [
      ...checkEnd(pair, isWholeDead(pair.event.n), chronicle),
      ...checkDuplicates(pair),
      ...checkAttempts(pair, chronicle),
    ]),
    ...checkStrangers(chronicle),
    ...checkOrder(chronicle),
    ...checkOverlaps(chronicle),
    ...checkOwnership(chronicle),
    ...(isCalm(chronicle) ? checkPatience(pairs, chronicle.slackMs) : []),
    ...checkRest(chronicle),
  ];
}

const isCalm = ({ disturbances, stops }: Chronicle): boolean => disturbances + stops === 0;

/** Attempts whose result the engine could not know; each may have been delivered, and may be repeated. */
const unknownOf = ({ charges, sends }: Pair): number =>
  charges.length + sends.filter(({ outcome }) => CUT_SHORT.has(outcome)).length;

function* checkEnd(pair: Pair, isWholeDead: boolean, chronicle: Chronicle): Generator<string> {
  const { event, recipient, name, arrivals, ends, letters, sends } = pair;
  if (letters.length > 1) yield `I1: ${name} has ${letters.length} dead letters`;
  if (recipient === WHOLE_ENTRY) {
    if (!event.script && letters.length !== 1) yield `I1: ${name} cannot be decoded and has no dead letter`;
    if (letters.length > 0 && sends.length > 0) yield `I1: ${name} died unplanned, and was planned`;
    return;
  }
  if (isWholeDead) {
    if (sends.length + ends.length > 0) yield `I1: ${name} was attempted though its event died as a whole`;
    return;
  }
  if (!chronicle.closed.includes(event.n)) yield `I1: ${event.n} was never closed`;
  const [end] = ends;
  if (!end) return yield `I1: ${name} never ended`;
  const isExcused = unknownOf(pair) > 0;
  if (end.receipt === 'excluded') {
    if (arrivals.length > 0) yield `I2: ${name} is excluded and got it`;
    return;
  }
  const isDead = end.receipt.startsWith('dead');
  if (!isExcused) {
    if (isDead !== (letters.length === 1))
      yield `I1: ${name} is logged as "${end.receipt}", letters: ${letters.length}`;
    if (isDead === arrivals.length > 0) yield `I1: ${name} is logged as "${end.receipt}", arrivals: ${arrivals.length}`;
    if (isCalm(chronicle) && ends.length > 1) yield `I1: ${name} was logged ${ends.length} times`;
  }
  if (arrivals.length + letters.length === 0)
    yield `I1: ${name} is logged as "${end.receipt}", and neither arrived nor died`;
}

function* checkDuplicates(pair: Pair): Generator<string> {
  const { name, arrivals } = pair;
  const allowed = unknownOf(pair);
  if (arrivals.length > 1 + allowed)
    yield `I5: ${name} arrived ${arrivals.length} times, ${allowed} were in flight at losses`;
}

function* checkAttempts(pair: Pair, chronicle: Chronicle): Generator<string> {
  const { event, recipient, name, letters, failed, charges, sends } = pair;
  const isWhole = recipient === WHOLE_ENTRY;
  const unknown = unknownOf(pair);
  for (const { attempts } of letters) {
    const expected = event.script ? MAX_DELIVERIES : 0;
    if (attempts !== expected) yield `I7: ${name} died with ${attempts} attempts in its letter`;
    if (!event.script) continue;
    const failures = isWhole ? (chronicle.failedPlans.get(event.n) ?? 0) : failed.length;
    if (failures + charges.length < MAX_DELIVERIES)
      yield `I7: ${name} died after ${failures} failures, ${charges.length} crashes`;
    const last = sends.filter(({ outcome }) => outcome !== 'deferred').at(-1);
    const isConvicted = charges.some(({ isAlone }) => isAlone);
    if (!isWhole && !isConvicted && !COUNTED.has(last?.outcome ?? null)) yield `I7: ${name} died without its fault`;
  }
  if (isWhole) return;
  const counted = sends.filter(({ outcome }) => outcome !== 'deferred').length;
  if (counted > MAX_DELIVERIES + unknown) yield `I7: ${name} was attempted ${counted} times, ${unknown} of them lost`;
  if (unknown > 0) return;
  for (const [index, { number }] of sends.entries()) {
    const before = sends.slice(0, index).filter(({ outcome }) => COUNTED.has(outcome)).length;
    if (number !== before + 1) yield `I7: ${name} had ${before} failures and was told this is attempt ${number}`;
  }
  if (failed.length >= MAX_DELIVERIES && letters.length === 0)
    yield `I7: ${name} failed ${failed.length} times and lives`;
}

function* checkStrangers({ events, arrivals }: Chronicle): Generator<string> {
  for (const { n, recipient } of arrivals)
    if (!events.some((event) => event.n === n && event.script && recipient in event.script.to))
      yield `I2: ${n} to ${recipient} was not published`;
}

/** An event that could not be planned at first lets those behind it pass. */
function* checkOrder({ events, arrivals, failedPlans }: Chronicle): Generator<string> {
  const isLate = (n: number) => (failedPlans.get(n) ?? 0) > 0;
  const newest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { n, recipient, isOrphan, outcome } of arrivals) {
    const [name, ahead] = [`${n} to ${recipient}`, newest.get(recipient) ?? -1];
    if (seen.has(name) || isLate(n)) continue;
    seen.add(name);
    const isStray = isOrphan || CUT_SHORT.has(outcome) || outcome === 'crashed';
    if (n < ahead && !isStray) yield `I3: ${name} arrived after ${ahead}, of ${events.length}`;
    newest.set(recipient, Math.max(n, ahead));
  }
}

function* checkOverlaps({ sends }: Chronicle): Generator<string> {
  for (const { n, recipient, process, beganAt, besides } of sends)
    for (const other of besides)
      yield `I4: at ${beganAt} ${process} sends ${n} to ${recipient} beside ${other.n} of ${other.process}`;
}

function* checkOwnership({ sends, rivals, trespasses, settlements, expiredHealthy }: Chronicle): Generator<string> {
  for (const { n, recipient, process, beganAt, holder } of sends)
    if (holder !== process)
      yield `I6: at ${beganAt} ${process} begins to send ${n} to ${recipient}; the lease is ${holder ?? 'nobody'}'s`;
  for (const { process, other, at } of rivals)
    yield `I6: at ${at} ${process} takes the lease, and ${other} believes to hold it`;
  for (const { process, command, at } of trespasses)
    yield `I6: at ${at} ${process} wrote without the lease: ${command}`;
  for (const { n, unlogged, isClosed, at } of settlements)
    if (unlogged.length > 0 || !isClosed)
      yield `I1: at ${at} ${n} was settled without a log of ${unlogged.join(', ') || 'its end'}`;
  for (const { process, at } of expiredHealthy) yield `I6: at ${at} ${process} lost its lease, being well`;
}

/** In a calm history everybody's next send begins at once. */
function* checkPatience(pairs: Pair[], slackMs: number): Generator<string> {
  if (pairs.some(({ event }) => (event.script?.plans.length ?? 0) > 0)) return;
  const freeAt = new Map<string, number>();
  for (const { event, recipient, name, sends, ends } of pairs) {
    const [first, end] = [sends[0], ends[0]];
    if (!first || !end) continue;
    const due = Math.max(event.at, freeAt.get(recipient) ?? 0);
    if (first.beganAt > due + slackMs) yield `I9: ${name} waited ${first.beganAt - due} ms for others`;
    freeAt.set(recipient, end.at);
  }
}

function* checkRest({ rest }: Chronicle): Generator<string> {
  if (!rest.isQuiet) yield 'I10: it never came to rest';
  if (rest.pending > 0) yield `I10: ${rest.pending} entries are pending`;
  for (const key of rest.keys) if (!LASTING_KEYS.has(key)) yield `I10: ${key} is left`;
  for (const name of rest.restless) yield `I10: ${name} did not stop, or left a timer`;
}
