import type { Partition } from '#actors/partition.ts';
import { linkedSignal } from '#streams/linked-signal.ts';

/** A healthy server has answered by then. */
const CALLED_OFF_AFTER_MS = 2_000;

/**
 * The partition of the calls, which has less time for its end: a call that hangs would hold every stop up to the deadline, and one
 * that is called off comes again under the same id.
 */
export function endingEarly(partition: Partition, afterMs = CALLED_OFF_AFTER_MS): Partition {
  return {
    ...partition,
    async stop(deadline) {
      const ending = linkedSignal(deadline);
      const timer = setTimeout(ending.abort, afterMs);
      try {
        await partition.stop(ending.signal);
      } finally {
        clearTimeout(timer);
        ending.unlink();
      }
    },
  };
}
