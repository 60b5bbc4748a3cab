import type { Config } from './config.ts';
import { countActiveBroadcasts } from './db/broadcasts.ts';
import type { Database } from './db/database.ts';
import { countDisabledEndpoints } from './db/webhook-endpoints.ts';
import { countPendingMessages } from './db/webhook-log.ts';
import { freeDiskBytes } from './free-disk.ts';
import type { StateLooks } from './observability/state-metrics.ts';
import type { PartitionRelay } from './open-outbox.ts';

/** What metrics and readiness look at, and nobody is told of. */
export function createStateLooks(deps: {
  config: Config;
  database: Database;
  relays: readonly PartitionRelay[];
  clock: () => Date;
}): StateLooks & { longestOutboxLagMs(): Promise<number> } {
  const { config, database, relays, clock } = deps;

  async function outboxLags() {
    const now = clock();
    const lags = relays.map(async ({ lane, partition, lagMs }) => ({ stream: lane, partition, ms: await lagMs(now) }));
    return (await Promise.all(lags)).flatMap(({ ms, ...of }) => (ms === null ? [] : [{ ...of, ms }]));
  }

  return {
    broadcasts: () => countActiveBroadcasts(database.survey()),
    webhooks: async () => ({
      pending: await countPendingMessages(database.survey()),
      disabled: await countDisabledEndpoints(database.survey()),
    }),
    freeDiskBytes: () => freeDiskBytes(config),
    outboxLags,
    longestOutboxLagMs: async () => Math.max(0, ...(await outboxLags()).map(({ ms }) => ms)),
  };
}
