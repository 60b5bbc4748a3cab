import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { lanePartitions } from '../dispatch/lanes.ts';
import { inspectLanes, type LaneFacts } from '../observability/lane-facts.ts';
import { withRedis } from './redis-client.ts';
import { textTable } from './text-table.ts';

const REFRESH_MS = 1_000;
/** Cursor home, then clear what is below it. */
const CLEAR_SCREEN = '\u001B[H\u001B[J';

interface Options {
  json?: true;
  watch?: true;
}

export function addStreamsCommand(program: Command): void {
  program
    .command('streams')
    .description('show what waits in the streams, who owns them, and how often the pending entries were tried')
    .option('--watch', 'show it again every second, until Ctrl-C')
    .option('--json', 'print JSON, one line each time')
    .action(async (options: Options) => {
      const config = readConfig(process.env);
      const partitions = lanePartitions({ prefix: config.REDIS_KEY_PREFIX, p2pPartitions: config.P2P_PARTITIONS });
      await withRedis(config, async (redis) => {
        const look = async () => render(await inspectLanes(redis, partitions), options);
        if (options.watch) await watch(look);
        else process.stdout.write(await look());
      });
    });
}

async function watch(look: () => Promise<string>): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  while (!ending.signal.aborted) {
    const text = await look().catch((error: unknown) => {
      process.stderr.write(`Redis does not answer: ${error instanceof Error ? error.message : String(error)}\n`);
      return '';
    });
    process.stdout.write(process.stdout.isTTY && text !== '' ? `${CLEAR_SCREEN}${text}` : text);
    await sleep(REFRESH_MS, undefined, { signal: ending.signal }).catch(() => undefined);
  }
}

function render(facts: readonly LaneFacts[], { json }: Options): string {
  if (json) return `${JSON.stringify({ streams: facts.map(jsonView) })}\n`;
  const head = ['STREAM', 'LENGTH', 'PENDING', 'OLDEST', 'OWNER', 'EPOCH', 'LEASE', 'DEAD', 'PENDING BY ATTEMPTS'];
  return textTable(
    head,
    facts.map(({ stream, length, pending, oldestPendingMs, lease, dead, attempts }) => [
      stream,
      String(length),
      String(pending),
      seconds(oldestPendingMs),
      lease?.owner ?? 'nobody',
      lease ? String(lease.epoch) : '–',
      seconds(lease?.remainingMs ?? null),
      String(dead),
      [...attempts].map(([count, entries]) => `${count}: ${entries}`).join(', ') || '–',
    ]),
  );
}

function jsonView({ stream, lane, partition, length, pending, oldestPendingMs, lease, dead, attempts }: LaneFacts) {
  return {
    stream,
    lane,
    partition,
    length,
    pending,
    oldest_pending_ms: oldestPendingMs,
    lease: lease && { owner: lease.owner, epoch: lease.epoch, remaining_ms: lease.remainingMs },
    dead,
    attempts: Object.fromEntries(attempts),
  };
}

const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`);
