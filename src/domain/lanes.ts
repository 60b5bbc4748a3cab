/** What people wait for, and what may wait for them. What people wait for goes first. */
export const LANES = ['p2p', 'broadcast'] as const;
export type Lane = (typeof LANES)[number];
