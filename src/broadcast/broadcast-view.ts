import type { StoredBroadcast } from '../db/broadcasts.ts';
import type { Sql } from '../db/database.ts';
import { quietInBroadcast } from '../db/quiet-waits.ts';
import { type Tally, type TallyEntry, tallyOfBroadcast } from '../db/tallies.ts';
import type { BroadcastStatus } from '../domain/broadcasts.ts';
import type { Channel } from '../domain/events.ts';

/** The rate is that of the last so many seconds. */
const RATE_OVER_S = 10;

/** How far a broadcast has come. Counts are of people. */
export interface BroadcastProgress {
  sent: number;
  sent_by: Record<Channel, number>;
  failed: number;
  /** By the code of the last error; `outcome_unknown`: it may have arrived, and is not repeated. */
  failed_by: Record<string, number>;
  suppressed: number;
  /** By reason: `opted_out`, `no_channel`, `unreachable:blocked`, … */
  suppressed_by: Record<string, number>;
  /** Null until the audience is counted, when the broadcast starts. */
  remaining: number | null;
  /** Of those, so many wait for the end of their quiet hours. */
  waiting_quiet: number;
  /** Arrived messages a second, over the last ten seconds. */
  rate_per_second: number;
  /**
   * When it will be through at that rate, those who wait for the end of their quiet hours at the full rate after it; null while it does
   * not run, or nothing has arrived lately for the others.
   */
  eta: Date | null;
}

export type BroadcastView = Omit<
  StoredBroadcast,
  'last_user_id' | 'cut_up_to' | 'others_cut_up_to' | 'chunks' | 'is_cut' | 'trace'
> & {
  progress: BroadcastProgress;
};

/** Messages a second at most, and those of paid broadcasts. */
interface Rates {
  free: number;
  paid: number;
}

/** The broadcast as the API shows it, with its progress as of now. */
export async function viewBroadcast(
  sql: Sql,
  broadcast: StoredBroadcast,
  { now, rates }: { now: Date; rates: Rates },
): Promise<BroadcastView> {
  const { id, company_id, status, audience, content, ad_template_id, allow_paid, is_test, initiated_by } = broadcast;
  const { audience_size, send_at, created_at, started_at, finished_at } = broadcast;
  const since = new Date(now.getTime() - RATE_OVER_S * 1000);
  return {
    ...{ id, company_id, status, audience, content, ad_template_id, allow_paid, is_test, initiated_by, audience_size },
    ...{ send_at, created_at, started_at, finished_at },
    progress: progressOf(broadcast, {
      ...{ now, fullRate: allow_paid ? rates.paid : rates.free },
      ...(await tallyOfBroadcast(sql, broadcast, since)),
      quiet: mayGoOn(status) ? await quietInBroadcast(sql, id, now) : NOBODY,
    }),
  };
}

interface Quiet {
  people: number;
  /** When the last of them may hear it. */
  until: Date | null;
}
const NOBODY: Quiet = { people: 0, until: null };

const mayGoOn = (status: BroadcastStatus): boolean => status === 'running' || status === 'paused';

interface Standing {
  tally: Tally;
  arrivedLately: number;
  quiet: Quiet;
  /** Messages a second. */
  fullRate: number;
  now: Date;
}

function progressOf(
  { status, audience_size, started_at }: StoredBroadcast,
  { tally, arrivedLately, quiet, fullRate, now }: Standing,
): BroadcastProgress {
  const sent = of(tally, 'delivered');
  const failed = of(tally, 'dead');
  const suppressed = of(tally, 'suppressed');
  const ended = sent.total + failed.total + suppressed.total;
  const remaining = audience_size === null ? null : Math.max(0, audience_size - ended);
  const ranForS = started_at === null ? 0 : (now.getTime() - started_at.getTime()) / 1000;
  const rate = arrivedLately / Math.min(RATE_OVER_S, Math.max(1, ranForS));
  return {
    sent: sent.total,
    sent_by: { telegram: 0, web_push: 0, ...sent.by(({ channel }) => channel) },
    failed: failed.total,
    failed_by: failed.by(({ reason }) => reason),
    suppressed: suppressed.total,
    suppressed_by: suppressed.by(({ reason }) => reason),
    remaining,
    waiting_quiet: quiet.people,
    rate_per_second: Math.round(rate * 10) / 10,
    eta: status === 'running' && remaining ? endOf({ remaining, rate, quiet, fullRate, now }) : null,
  };
}

/** Null while nobody can tell. */
function endOf({
  remaining,
  rate,
  quiet,
  fullRate,
  now,
}: Omit<Standing, 'tally' | 'arrivedLately'> & { remaining: number; rate: number }): Date | null {
  const others = Math.max(0, remaining - quiet.people);
  if (others > 0 && rate === 0) return null;
  const afterOthers = now.getTime() + (others === 0 ? 0 : (others / rate) * 1000);
  if (quiet.until === null) return new Date(afterOthers);
  return new Date(Math.max(afterOthers, quiet.until.getTime()) + (quiet.people / fullRate) * 1000);
}

function of(tally: Tally, status: TallyEntry['status']) {
  const entries = tally.filter((entry) => entry.status === status);
  return {
    total: entries.reduce((sum, { count }) => sum + count, 0),
    by(keyOf: (entry: TallyEntry) => string | null): Record<string, number> {
      const counts: Record<string, number> = {};
      for (const entry of entries) {
        const key = keyOf(entry) ?? 'unknown';
        counts[key] = (counts[key] ?? 0) + entry.count;
      }
      return counts;
    },
  };
}
