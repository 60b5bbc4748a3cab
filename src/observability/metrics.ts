import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { WorkStream } from '../domain/lanes.ts';
import { inDeadline } from './deadline.ts';
import { errorCode } from './error-code.ts';
import type { LaneFacts } from './lane-facts.ts';
import type { Logger } from './log.ts';

/** How long a scrape waits for Redis, in milliseconds; Prometheus itself gives up after ten seconds. */
const SCRAPE_DEADLINE_MS = 2_000;

/** The state of this process and of the streams, in the text format of Prometheus. */
export interface Metrics {
  /** Looks at the streams now; without Redis their metrics are left out and `vestnik_redis_up` is 0. Never rejects because of Redis. */
  scrape(): Promise<{ text: string; contentType: string }>;
}

/**
 * @param inspect all partitions of all lanes
 * @param isOwned whether this process holds the lease of a partition
 */
export function createMetrics(deps: {
  inspect(): Promise<LaneFacts[]>;
  isOwned?(lane: WorkStream, partition: number): boolean;
  /** What else the scrape shows. */
  registry?: Registry;
  log: Logger;
  deadlineMs?: number;
}): Metrics {
  const { inspect, isOwned, registry = new Registry(), log, deadlineMs = SCRAPE_DEADLINE_MS } = deps;
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, labelNames: string[] = ['stream', 'partition']) =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  const redisUp = gauge('vestnik_redis_up', 'Whether Redis answered this scrape', []);
  const length = gauge('vestnik_stream_length', 'Entries in the stream, pending ones included');
  const pending = gauge('vestnik_stream_pending', 'Entries read and not settled');
  const oldest = gauge('vestnik_stream_oldest_pending_seconds', 'Age of the oldest pending entry; 0 without one');
  const attempts = gauge('vestnik_stream_pending_attempts', 'Pending entries by attempts, 10 for ten and more', [
    'stream',
    'partition',
    'attempts',
  ]);
  const dead = gauge('vestnik_dead_letters', 'Dead letters');
  const lease = gauge('vestnik_lease_remaining_seconds', 'What is left of the lease, whoever holds it; 0 for nobody');
  const epoch = gauge('vestnik_lease_epoch', 'How often the lease was taken since Redis was last empty; 0 for nobody');
  const owned = gauge('vestnik_lease_held', 'Whether this process owns the partition');
  const ofStreams = [length, pending, oldest, attempts, dead, lease, epoch, owned];

  function show(facts: LaneFacts): void {
    const labels = { stream: facts.lane, partition: String(facts.partition) };
    length.set(labels, facts.length);
    pending.set(labels, facts.pending);
    oldest.set(labels, (facts.oldestPendingMs ?? 0) / 1000);
    for (const [count, entries] of facts.attempts) attempts.set({ ...labels, attempts: String(count) }, entries);
    dead.set(labels, facts.dead);
    lease.set(labels, (facts.lease?.remainingMs ?? 0) / 1000);
    epoch.set(labels, facts.lease?.epoch ?? 0);
    if (isOwned) owned.set(labels, isOwned(facts.lane, facts.partition) ? 1 : 0);
  }

  async function scrape(): Promise<{ text: string; contentType: string }> {
    const facts = await inDeadline(inspect(), deadlineMs).catch((error: unknown) => {
      log.debug({ reason: errorCode(error) }, 'the streams could not be looked at for this scrape');
      return null;
    });
    for (const metric of ofStreams) metric.reset();
    redisUp.set(facts === null ? 0 : 1);
    for (const partition of facts ?? []) show(partition);
    return { text: await registry.metrics(), contentType: registry.contentType };
  }

  let underWay: Promise<{ text: string; contentType: string }> | null = null;
  return {
    // Scrapes at the same time share one look, because they share the gauges.
    scrape() {
      underWay ??= scrape().finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}
