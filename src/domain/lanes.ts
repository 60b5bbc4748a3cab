/** What people wait for, and what may wait for them. What people wait for goes first. */
export const LANES = ['p2p', 'broadcast'] as const;
export type Lane = (typeof LANES)[number];

/** Every kind of work stream: messages to people, and calls of the companies' own servers. */
export const WORK_STREAMS = [...LANES, 'webhooks'] as const;
export type WorkStream = (typeof WORK_STREAMS)[number];
