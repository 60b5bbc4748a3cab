import type { SendLane } from '#src/channels/send-budget/send-budget.ts';

/** Everything may leave at once. */
export const UNLIMITED_SENDS: SendLane = {
  enter: async () => () => undefined,
  turn: async () => ({ kind: 'turn', begin: async () => true, answered: () => undefined, giveBack: () => undefined }),
  refused: async () => undefined,
};
