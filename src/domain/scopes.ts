/** What a company's API key may be allowed. None includes another: a key that only writes reads nothing but its answers. */
export const SCOPES = [
  'read',
  'bookings:write',
  'settings:write',
  'people:write',
  'broadcasts:write',
  'dead-letters:write',
  'webhooks:write',
] as const;
export type Scope = (typeof SCOPES)[number];

export const isScope = (text: string): text is Scope => SCOPES.some((scope) => scope === text);
