import { createHash } from 'node:crypto';

/** What we make: a UUID, the id of a chunk. */
const OURS = /^(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|broadcast:\d+:\d+)$/;

/**
 * How a log names an event: ids that clients made are their own text, which may hold anything, so they are hashed
 * (`printf %s ID | sha256sum | cut -c1-16`).
 */
export function loggedId(eventId: string): string {
  if (OURS.test(eventId)) return eventId;
  return `sha256:${createHash('sha256').update(eventId).digest('hex').slice(0, 16)}`;
}
