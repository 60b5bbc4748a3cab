import { allPartitionKeys, type PartitionKeys } from '#streams/keys.ts';
import type { WorkStream } from '../domain/lanes.ts';

/** The work streams: the partitions of each, by their number. */
export type LanePartitions = Readonly<Record<WorkStream, readonly PartitionKeys[]>>;

/** @param p2pPartitions as in P2P_PARTITIONS */
export function lanePartitions(options: { prefix: string; p2pPartitions: number }): LanePartitions {
  const { prefix, p2pPartitions } = options;
  return {
    p2p: allPartitionKeys({ prefix, stream: 'events:p2p', partitions: p2pPartitions }),
    broadcast: allPartitionKeys({ prefix, stream: 'events:broadcast', partitions: 1 }),
    webhooks: allPartitionKeys({ prefix, stream: 'events:webhooks', partitions: 1 }),
  };
}
