import type { Goal } from './api-goals.ts';
import type { Bench } from './bench-run.ts';
import type { Case, CaseResult } from './rounds.ts';

/** What a part of the API's bench gets to work with, beside a bench's own. */
export interface PartBench extends Bench {
  /** Of one measurement. */
  durationMs: number;
  /** Runs the cases in alternating rounds within the part's time, and moves the progress bar. */
  measure(cases: readonly Case[]): Promise<CaseResult[]>;
}

export interface PartResult {
  results: CaseResult[];
  notes: string[];
  goals: Goal[];
}

export interface ApiPart {
  name: string;
  about: string;
  /** Of all its rounds together, with measurements of the default length; no further round begins that would go over. */
  budgetMs: number;
  run(part: PartBench): Promise<PartResult>;
}
