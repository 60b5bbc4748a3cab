import type { SendBudget } from '#src/channels/send-budget/send-budget.ts';

/** Everything may leave at once. */
export const UNLIMITED_SENDS: SendBudget = {
  enter: async () => () => undefined,
  turn: async () => ({ begin: async () => true }),
};
