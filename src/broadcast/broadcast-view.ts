import type { StoredBroadcast } from '../db/broadcasts.ts';
import type { Sql } from '../db/database.ts';
import { type Tally, type TallyEntry, tallyOfBroadcast } from '../db/tallies.ts';
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
  /** Arrived messages a second, over the last ten seconds. */
  rate_per_second: number;
  /** When it will be through at that rate; null while it does not run, or nothing has arrived lately. */
  eta: Date | null;
}

export type BroadcastView = Omit<
  StoredBroadcast,
  'last_user_id' | 'cut_up_to' | 'others_cut_up_to' | 'chunks' | 'is_cut' | 'trace'
> & {
  progress: BroadcastProgress;
};

/** The broadcast as the API shows it, with its progress as of now. */
export async function viewBroadcast(sql: Sql, broadcast: StoredBroadcast, now: Date): Promise<BroadcastView> {
  const { id, company_id, status, audience, content, ad_template_id, allow_paid, is_test, initiated_by } = broadcast;
  const { audience_size, send_at, created_at, started_at, finished_at } = broadcast;
  const since = new Date(now.getTime() - RATE_OVER_S * 1000);
  return {
    ...{ id, company_id, status, audience, content, ad_template_id, allow_paid, is_test, initiated_by, audience_size },
    ...{ send_at, created_at, started_at, finished_at },
    progress: progressOf(broadcast, await tallyOfBroadcast(sql, broadcast, since), now),
  };
}

function progressOf(
  { status, audience_size, started_at }: StoredBroadcast,
  { tally, arrivedLately }: { tally: Tally; arrivedLately: number },
  now: Date,
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
    rate_per_second: Math.round(rate * 10) / 10,
    eta: status === 'running' && remaining && rate > 0 ? new Date(now.getTime() + (remaining / rate) * 1000) : null,
  };
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
