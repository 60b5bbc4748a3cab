import { WORK_STREAMS, type WorkStream } from '../domain/lanes.ts';

/** Where a dead letter lies: `p2p:0:1700000000000-0`, unique over all streams, and safe in a URL. */
export interface LetterId {
  lane: WorkStream;
  partition: number;
  /** Of the dead stream. */
  entryId: string;
}

const PATTERN = new RegExp(`^(${WORK_STREAMS.join('|')}):(0|[1-9]\\d{0,3}):(0|[1-9]\\d*)-(0|[1-9]\\d*)$`);
/** Redis refuses larger halves of an entry id. */
const MAX_HALF = 2n ** 64n - 1n;

export const formatLetterId = ({ lane, partition, entryId }: LetterId): string => `${lane}:${partition}:${entryId}`;

/** Null for what can be no id of a dead letter. */
export function parseLetterId(text: string): LetterId | null {
  const [, lane, partition, ...halves] = (text.length <= 64 && PATTERN.exec(text)) || [];
  if (lane === undefined || halves.some((half) => BigInt(half) > MAX_HALF)) return null;
  return { lane: lane as WorkStream, partition: Number(partition), entryId: halves.join('-') };
}
