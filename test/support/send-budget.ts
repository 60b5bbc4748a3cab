import type { SendLane } from '#src/channels/send-budget/send-budget.ts';

/** Everything may leave at once. */
export const UNLIMITED_SENDS: SendLane = {
  enter: async () => () => undefined,
  turn: async () => ({ begin: async () => true, answered: () => undefined }),
};
