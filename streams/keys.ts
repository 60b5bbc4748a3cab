/** The consumer group of every work stream. */
export const GROUP = 'delivery';

/** The names of all that belongs to one partition. They share the stream's hash tag, so that one script may touch them all. */
export interface PartitionKeys {
  stream: string;
  dead: string;
  /** Held by the one process that reads and settles. */
  lease: string;
  /** How many times the lease was taken; kept without an end. */
  epoch: string;
  /** Held by the one process that publishes from the outbox, and its epoch. */
  relayLease: string;
  relayEpoch: string;
  /** A hash, entry id → what became of its recipients so far. */
  ledger: string;
  /** The ids of the entries last handed over to be planned. */
  planning: string;
  /** + deduplication key: exists while an event with this key was published and is not settled. */
  markerPrefix: string;
  /** The one consumer of the group: its pending list is the partition's, whichever process owns it. */
  consumer: string;
}

/**
 * @param stream `events:p2p` or `events:broadcast`; with several partitions the partition's number follows as a hash tag.
 */
export function partitionKeys(options: {
  prefix: string;
  stream: string;
  partition: number;
  partitions: number;
}): PartitionKeys {
  const base = `${options.prefix}${options.stream}`;
  const stream = options.partitions === 1 ? base : `${base}:{${options.partition}}`;
  return {
    stream,
    dead: `${stream}:dead`,
    lease: `${stream}:lease`,
    epoch: `${stream}:epoch`,
    relayLease: `${stream}:relay`,
    relayEpoch: `${stream}:relay:epoch`,
    ledger: `${stream}:ledger`,
    planning: `${stream}:planning`,
    markerPrefix: `${stream}:evt:`,
    consumer: 'owner',
  };
}

/** All partitions of a work stream, by number. */
export function allPartitionKeys(options: { prefix: string; stream: string; partitions: number }): PartitionKeys[] {
  return Array.from({ length: options.partitions }, (_, partition) => partitionKeys({ ...options, partition }));
}
