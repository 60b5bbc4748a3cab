/** `undecided`: nobody can tell yet. `unknown_event`: neither the log nor what is under way tells of it. */
export const VERDICTS = [
  'delivered',
  'suppressed',
  'dead',
  'under_way',
  'undecided',
  'not_concerned',
  'unknown_event',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** In the order in which they are told; a step that decides nothing is left out. */
export const STEPS = [
  'event',
  'user',
  'role',
  'exclusion',
  'settings',
  'opt_out',
  'quiet_hours',
  'reachability',
  'channel',
  'attempts',
  'outcome',
] as const;

export interface Step {
  step: (typeof STEPS)[number];
  /** `then`: as it was written down; `now`: as it is now, and may have been otherwise. */
  as_of: 'then' | 'now';
  /** A sentence for people. */
  says: string;
  /** The same for programs. */
  facts: Readonly<Record<string, unknown>>;
}

/** Why somebody got a message, or did not. */
export interface Explanation {
  event_id: string;
  user_id: number;
  /** Null where nothing tells whose event it is. */
  company_id: number | null;
  verdict: Verdict;
  /** The verdict in a sentence. */
  explanation: string;
  steps: Step[];
}

export interface ExplainAsk {
  event_id: string;
  user_id: number;
  /** The user's own unless said. */
  company_id?: number | undefined;
}

export type Explain = (ask: ExplainAsk) => Promise<Explanation>;
