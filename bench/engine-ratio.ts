import { type CaseResult, summarise } from './rounds.ts';
import { figure } from './table.ts';

/** How many times a peer's figure a case reached: the median of the rounds' own ratios, and the lowest and highest. */
export function times(results: readonly CaseResult[], name: string, ours: string, peers: string): string {
  const samplesOf = (wanted: string) => results.find((result) => result.name === wanted)?.figures[name]?.samples ?? [];
  const peerSamples = samplesOf(peers);
  const ratios = samplesOf(ours).map((sample, round) => sample / (peerSamples[round] ?? Number.NaN));
  const { median, min, max } = summarise(ratios);
  return ratios.length > 1 ? `${figure(median)} × (${figure(min)}–${figure(max)})` : `${figure(median)} ×`;
}
