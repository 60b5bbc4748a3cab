import { type PartitionKeys, partitionKeys } from '#streams/keys.ts';

/** The work streams: what people wait for, and what may wait for them. What people wait for goes first. */
export const LANES = ['p2p', 'broadcast'] as const;
export type Lane = (typeof LANES)[number];

/** The partitions of every lane, by their number; there is always the first. */
export type LanePartitions = Readonly<Record<Lane, readonly [PartitionKeys, ...PartitionKeys[]]>>;

export function lanePartitions(options: { prefix: string }): LanePartitions {
  const only = (lane: Lane) =>
    partitionKeys({ prefix: options.prefix, stream: `events:${lane}`, partition: 0, partitions: 1 });
  return { p2p: [only('p2p')], broadcast: [only('broadcast')] };
}
