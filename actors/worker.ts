import type { Clock } from '#streams/clock.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import type { Log } from '#streams/log.ts';
import type { Members } from '#streams/members.ts';
import { rendezvousOwner } from '#streams/rendezvous.ts';
import type { Partition } from './partition.ts';

const BEAT_MS = 500;

export interface WorkerOptions {
  /** Unique to this process. */
  self: string;
  members: Members;
  partitions: readonly PartitionKeys[];
  createPartition(keys: PartitionKeys): Partition;
  clock: Clock;
  log: Log;
}

/** This process's share of the partitions: those that rendezvous hashing gives it among the workers alive. */
export interface Worker {
  start(): void;
  /** Leaves the members and stops its partitions, each in order. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
  /** Whether this process holds the lease of the partition with this stream. */
  owns(stream: string): boolean;
}

export function createWorker(options: WorkerOptions): Worker {
  const { self, members, clock, log } = options;
  const stopping = new AbortController();
  const working = new Map<string, Partition>();
  const leaving = new Map<string, Promise<void>>();
  let running: Promise<void> | null = null;

  function begin(keys: PartitionKeys): void {
    // A partition that is still being left is begun again by a later beat.
    if (working.has(keys.stream) || leaving.has(keys.stream)) return;
    const partition = options.createPartition(keys);
    working.set(keys.stream, partition);
    partition.start();
  }

  function leave(stream: string, deadline: AbortSignal): void {
    const partition = working.get(stream);
    if (!partition) return;
    working.delete(stream);
    const left = partition.stop(deadline).finally(() => leaving.delete(stream));
    leaving.set(stream, left);
  }

  /** Without an answer from Redis everything stays as it is: the leases decide. */
  async function beat(): Promise<void> {
    const alive = await members.beat();
    if (stopping.signal.aborted) return;
    for (const keys of options.partitions) {
      if (rendezvousOwner(alive, keys.stream) === self) begin(keys);
      else leave(keys.stream, new AbortController().signal);
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await beat().catch((error: unknown) => {
        log.debug({ reason: String(error) }, 'the members are not known now; the partitions stay where they are');
      });
      await clock.sleep(BEAT_MS, stopping.signal);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop(deadline) {
      stopping.abort();
      if (!running) return;
      await running;
      await members.leave().catch((error: unknown) => {
        log.debug({ reason: String(error) }, 'the others notice by the silence that this worker is gone');
      });
      for (const stream of [...working.keys()]) leave(stream, deadline);
      await Promise.all(leaving.values());
    },
    owns: (stream) => working.get(stream)?.isOwned() ?? false,
  };
}
