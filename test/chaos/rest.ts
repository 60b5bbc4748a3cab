import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { GROUP, type PartitionKeys } from '#streams/keys.ts';
import type { DatabaseWitness } from './database-witness.ts';

const LOOK_EVERY_MS = 100;

async function unfinished(
  redis: Redis,
  witness: DatabaseWitness,
  partitions: readonly PartitionKeys[],
): Promise<string[]> {
  const left: string[] = [];
  if (!(await witness.isOutboxEmpty())) left.push('open outbox rows');
  for (const { stream, ledger, planning, markerPrefix } of partitions) {
    const length = await redis.xlen(stream);
    if (length > 0) left.push(`${stream}: XLEN ${length}`);
    const groups = length > 0 ? ((await redis.xpending(stream, GROUP).catch(() => [0])) as [number]) : [0];
    if (Number(groups[0]) > 0) left.push(`${stream}: ${groups[0]} pending`);
    for (const key of [ledger, planning]) if (await redis.exists(key)) left.push(key);
    const markers = await redis.keys(`${markerPrefix.replace(/[[\]{}*?]/g, '\\$&')}*`);
    if (markers.length > 0) left.push(`${markers.length} × ${markerPrefix}`);
  }
  return left;
}

/** Waits until nothing is under way any more; answers what still is at the deadline. */
export async function comeToRest(
  deps: { redis: Redis; witness: DatabaseWitness; partitions: readonly PartitionKeys[] },
  deadlineMs: number,
): Promise<string[]> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const left = await unfinished(deps.redis, deps.witness, deps.partitions);
    if (left.length === 0 || performance.now() > giveUpAt) return left;
    await sleep(LOOK_EVERY_MS);
  }
}
