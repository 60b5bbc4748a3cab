import type { Duplicate, Pair, Verdict } from './history.ts';
import type { Takeover } from './interruptions.ts';

/** All that one run found out. */
export interface Findings extends Verdict {
  seed: number;
  seconds: number;
  processes: number;
  /** How often each kind of disturbance struck. */
  disturbances: ReadonlyMap<string, number>;
  apiRepeats: number;
  /** What the API said yes to and the database does not hold, or holds twice. */
  brokenPromises: string[];
  takeovers: Takeover[];
  /** What was still under way when the wait for rest was given up. */
  unfinished: string[];
  restMs: number;
  /** Processes that ended by themselves. */
  crashes: string[];
  /** Processes that a SIGTERM did not end in order. */
  badStops: string[];
}

const SHOWN = 10;

const nameOf = ({ chat, event }: Pair): string =>
  `chat ${chat}, #${event.seq} ${event.type} v${event.version} of booking ${event.booking} (company ${event.company}, ${event.id})`;

const clock = (at: number): string => new Date(at).toISOString().slice(11, 23);

/** One line for each duplicate, with what explains it. */
export function describeDuplicates(duplicates: readonly Duplicate[]): string[] {
  return duplicates.map(({ explanation, firstAt, againAt, ...pair }) => {
    const cause = explanation && `${explanation.kind} of ${explanation.process ?? 'Redis'} at ${clock(explanation.at)}`;
    return `sent at ${clock(firstAt)} and ${clock(againAt)} (${cause ?? 'unexplained'}): ${nameOf(pair)}`;
  });
}

const unexplained = (duplicates: readonly Duplicate[]): Duplicate[] =>
  duplicates.filter(({ explanation }) => explanation === null);

/** One line for each violation; empty for a clean run. */
export function violations(findings: Findings): string[] {
  return [
    ...findings.lost.map((pair) => `lost: ${nameOf(pair)}`),
    ...findings.reordered.map((pair) => `reordered: ${nameOf(pair)} after #${pair.behind.seq}`),
    ...unexplained(findings.duplicates).map(
      (pair) => `duplicated without a kill: ${nameOf(pair)} at ${clock(pair.firstAt)} and ${clock(pair.againAt)}`,
    ),
    ...findings.strangers.map(
      ({ chat, at }) => `a message about nothing that was committed: chat ${chat} at ${clock(at)}`,
    ),
    ...findings.misreported.map((pair) => `${pair.what}: ${nameOf(pair)}`),
    ...findings.brokenPromises,
    ...findings.unfinished.map((what) => `not at rest: ${what}`),
    ...findings.crashes,
    ...findings.badStops,
  ];
}

function takeoverLine(takeovers: readonly Takeover[]): string {
  const sorted = takeovers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'none';
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${sorted.length}, median ${median} ms, longest ${sorted.at(-1)} ms`;
}

export function describeFindings(findings: Findings): string {
  const { duplicates, takeovers, disturbances } = findings;
  const found = violations(findings);
  const causes = new Map<string, number>();
  for (const { explanation } of duplicates) {
    const cause = explanation?.kind ?? 'nothing';
    causes.set(cause, (causes.get(cause) ?? 0) + 1);
  }
  const lines = [
    `seed ${findings.seed}, ${findings.seconds} s, ${findings.processes} processes: ${[...disturbances].map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
    `events      ${findings.events} (${findings.apiRepeats} requests repeated)`,
    `accepted    ${findings.accepted} messages`,
    `delivered   ${findings.delivered}`,
    `suppressed  ${findings.suppressed}`,
    `dead        ${findings.dead}`,
    `lost        ${findings.lost.length}`,
    `reordered   ${findings.reordered.length}`,
    `duplicated  ${duplicates.length} (${findings.inFlight} sends in flight at kills${[...causes].map(([cause, count]) => `; ${count} by ${cause}`).join('')})`,
    `takeovers   ${takeoverLine(takeovers)}; undisturbed: ${takeoverLine(takeovers.filter(({ undisturbed }) => undisturbed))}`,
    `at rest     ${findings.unfinished.length > 0 ? 'never' : `${Math.round(findings.restMs)} ms after the storm`}`,
    ...found.slice(0, SHOWN).map((line) => `VIOLATION   ${line}`),
    ...(found.length > SHOWN ? [`… and ${found.length - SHOWN} more`] : []),
  ];
  return lines.join('\n');
}
