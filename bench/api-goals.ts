import { type CaseResult, summarise } from './rounds.ts';
import { figure, markdownTable } from './table.ts';

/** What is to be reached, beside what was measured: the median of the rounds. */
export interface Goal {
  what: string;
  unit: '×' | 'ms' | '%';
  measured: number;
  /** Of the rounds. */
  lowest: number;
  highest: number;
  limit: { atLeast: number } | { atMost: number };
}

/** Of each round, because rounds differ more than contenders. NaN where either was not measured. */
export function roundRatios(results: readonly CaseResult[], column: string, ours: string, peers: string): number[] {
  const samplesOf = (name: string) => results.find((result) => result.name === name)?.figures[column]?.samples ?? [];
  const peerSamples = samplesOf(peers);
  return samplesOf(ours).map((sample, round) => sample / (peerSamples[round] ?? Number.NaN));
}

export function goalOf(what: string, unit: Goal['unit'], rounds: readonly number[], limit: Goal['limit']): Goal {
  const { median: measured, min: lowest, max: highest } = summarise([...rounds]);
  return { what, unit, measured, lowest, highest, limit };
}

/** What was not measured is not met. */
export const isMet = ({ measured, limit }: Goal): boolean =>
  'atLeast' in limit ? measured >= limit.atLeast : measured <= limit.atMost;

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const { what, unit, measured, lowest, highest, limit } = goal;
    const [sign, bound] = 'atLeast' in limit ? ['≥', limit.atLeast] : ['≤', limit.atMost];
    const spread = `${figure(measured)} ${unit} (${figure(lowest)}–${figure(highest)})`;
    return [what, spread, `${sign} ${bound} ${unit}`, isMet(goal) ? 'met' : 'missed'];
  });
  return markdownTable([['goal', 'measured', 'wanted', ''], ...rows]);
}
