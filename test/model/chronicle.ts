import { type RecipientRecord, WHOLE_ENTRY } from '#streams/entry.ts';
import type { EventScript, Fate } from './history.ts';

/** From the news of an event to the start of its send: doorbell, reading, another's ledger, one's own. */
const ROUND_TRIPS = 5;

/** All times are simulated, in ms. */
export interface PublishedEvent {
  n: number;
  at: number;
  /** Null for one that cannot be decoded. */
  script: EventScript | null;
}

export interface Send {
  n: number;
  recipient: string;
  process: string;
  /** The attempt's number, as the engine counts. */
  number: number;
  fate: Fate;
  beganAt: number;
  /** Which process held the lease when it began. */
  holder: string | null;
  /** Sends to the same recipient that were under way when it began, and which no lost lease excuses. */
  besides: Send[];
  arrivedAt: number | null;
  endedAt: number | null;
  /** What the engine heard of it. */
  outcome: Exclude<Fate['kind'], 'deadly'> | 'aborted' | 'overdue' | 'crashed' | null;
  /** Its process lost the lease by time while it was under way. */
  isOrphan: boolean;
}

export interface LoggedEnd {
  n: number;
  recipient: string;
  receipt: string;
  attempts: number;
  at: number;
}

/** What the ledger says was under way when a lease ended by time: it may have been sent, and may be again. */
export interface Charge {
  n: number;
  recipient: string;
  isAlone: boolean;
  at: number;
}

/** An entry that left the stream, and the recipients that the log did not know then. */
export interface Settlement {
  n: number;
  unlogged: string[];
  isClosed: boolean;
  at: number;
}

export interface Letter {
  n: number;
  recipient: string;
  attempts: number;
}

/** All that happened in one history. */
export interface Chronicle {
  events: PublishedEvent[];
  sends: Send[];
  /** In their order. */
  arrivals: Send[];
  log: LoggedEnd[];
  /** The events whose last recipient was recorded, once for each time. */
  closed: number[];
  /** Plans that failed, by event. */
  failedPlans: Map<number, number>;
  planned: Map<number, number>;
  charges: Charge[];
  settlements: Settlement[];
  /** Processes that lost a lease by time though nothing was wrong with them. */
  expiredHealthy: { process: string; at: number }[];
  /** Processes that took the lease while another one, awake, believed to hold it. */
  rivals: { process: string; other: string; at: number }[];
  trespasses: { process: string; command: string; at: number }[];
  /** Crashes, pauses, losses: whatever is not events, joining and stopping in order. */
  disturbances: number;
  stops: number;
  /** How long it may take until Redis knows of one thing and is told of the next. */
  slackMs: number;
  /** At the end. */
  letters: Letter[];
  rest: { isQuiet: boolean; keys: string[]; pending: number; restless: string[] };
  /** What happened, for people. */
  trace: string[];
}

export function createChronicle(wireMs: number): Chronicle {
  return {
    slackMs: ROUND_TRIPS * 2 * wireMs,
    events: [],
    sends: [],
    arrivals: [],
    log: [],
    closed: [],
    failedPlans: new Map(),
    planned: new Map(),
    charges: [],
    settlements: [],
    expiredHealthy: [],
    rivals: [],
    trespasses: [],
    disturbances: 0,
    stops: 0,
    letters: [],
    rest: { isQuiet: false, keys: [], pending: 0, restless: [] },
    trace: [],
  };
}

/** Everyone an event must end for; the excluded ones included. */
export function recipientsOf({ script }: PublishedEvent): string[] {
  return script ? [...Object.keys(script.to), ...script.excluded] : [WHOLE_ENTRY];
}

/** What had begun and not ended, by a ledger. */
export function chargesOf(n: number, records: readonly RecipientRecord[], at: number): Charge[] {
  return records
    .filter(({ state }) => state === 'started' || state === 'alone')
    .map(({ recipient, state }) => ({ n, recipient, isAlone: state === 'alone', at }));
}
