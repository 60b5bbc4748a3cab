import { allPartitionKeys, type PartitionKeys } from '#streams/keys.ts';

/** The work streams: what people wait for, and what may wait for them. What people wait for goes first. */
export const LANES = ['p2p', 'broadcast'] as const;
export type Lane = (typeof LANES)[number];

/** The partitions of every lane, by their number. */
export type LanePartitions = Readonly<Record<Lane, readonly PartitionKeys[]>>;

/** @param p2pPartitions as in P2P_PARTITIONS */
export function lanePartitions(options: { prefix: string; p2pPartitions: number }): LanePartitions {
  const { prefix, p2pPartitions } = options;
  return {
    p2p: allPartitionKeys({ prefix, stream: 'events:p2p', partitions: p2pPartitions }),
    broadcast: allPartitionKeys({ prefix, stream: 'events:broadcast', partitions: 1 }),
  };
}
