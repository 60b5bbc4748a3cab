import type { Figures } from './rounds.ts';

/** Milliseconds; NaN where nothing was measured. */
export interface LatencySpread {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

/** Percentiles by nearest rank, as `percentile` has them; sorts once, for there are many samples. */
export function spreadOf(samples: readonly number[]): LatencySpread {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** As columns of a table. */
export function spreadFigures({ p50, p90, p99, p999, max }: LatencySpread): Figures {
  return { 'p50 ms': p50, 'p90 ms': p90, 'p99 ms': p99, 'p99.9 ms': p999, 'max ms': max };
}
