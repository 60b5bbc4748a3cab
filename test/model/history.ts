/** What becomes of one attempt to deliver; `ms`: how long it takes. */
export type Fate =
  | { kind: 'done'; ms: number }
  | { kind: 'failed'; ms: number }
  | { kind: 'thrown'; ms: number }
  | { kind: 'deferred'; ms: number; delayMs: number }
  /** The process dies of it. */
  | { kind: 'deadly'; ms: number };

/** What becomes of one look for an event's recipients. */
export type PlanFate = { kind: 'failed' } | { kind: 'thrown' } | { kind: 'deferred'; delayMs: number };

export const RECIPIENTS = ['ann', 'bob', 'cyd', 'dan'] as const;

export interface EventScript {
  tenant: string;
  /** By recipient: one fate for each attempt; those beyond are done at once. */
  to: Partial<Record<string, Fate[]>>;
  /** Recipients that are concluded without an attempt. */
  excluded: string[];
  /** Before the first plan that succeeds. */
  plans: PlanFate[];
}

/** A command on its way: the nth from now, of all or of those that bury; before Redis does what it says, or right after. */
export interface Target {
  nth: number;
  of: 'all' | 'burials';
  when: 'before' | 'after';
}

/** `who`: 0 for the partition's owner, else one of the processes alive. */
export type Action =
  | { do: 'publish'; events: EventScript[] }
  | { do: 'publish nonsense' }
  | { do: 'join' }
  | { do: 'stop'; who: number; patienceMs: number; again: number }
  | { do: 'crash'; who: number }
  | { do: 'pause'; who: number; ms: number }
  | { do: 'cut'; who: number; ms: number }
  | { do: 'slow down'; who: number; lagMs: number; ms: number }
  | { do: 'strike'; who: number; at: Target; what: 'cut' | 'crash' | 'pause'; ms: number }
  | { do: 'silence'; who: number; ms: number }
  | { do: 'deafen'; who: number };

export interface History {
  /** Decides what the actions leave open: the order within a moment, what in the wire is lost. */
  seed: number;
  processes: number;
  /** How long `record` takes. */
  recordMs: number;
  /** How long a command takes to Redis, and its answer back, where nothing slows it down. */
  wireMs: number;
  /** Each `after` ms of the one before. */
  actions: (Action & { after: number })[];
}

/** A history as its reader wants it: one line for each action. */
export function tell({ seed, processes, recordMs, wireMs, actions }: History): string {
  const lines = actions.map(
    ({ after: ms, ...action }) => `  after ${ms}: ${JSON.stringify(action).replaceAll('"', '')}`,
  );
  return [`seed ${seed}, processes ${processes}, recordMs ${recordMs}, wireMs ${wireMs}`, ...lines].join('\n');
}
