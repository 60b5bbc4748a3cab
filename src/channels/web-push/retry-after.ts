const DEFAULT_WAIT_MS = 5000;
const SHORTEST_WAIT_MS = 1000;
/** A service that asks for a day, or whose clock is wrong, is asked again sooner. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** All three forms of a date begin with the day's name; `Date.parse` would make a date of nearly anything. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /i;

/** How long a service wants to be left alone (RFC 9110, section 10.2.3: seconds, or a date), within bounds, in ms. */
export function retryAfterMs(header: string | null, now: Date): number {
  const wait = header === null ? null : asked(header.trim(), now);
  return wait === null ? DEFAULT_WAIT_MS : Math.min(Math.max(wait, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
}

function asked(text: string, now: Date): number | null {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!HTTP_DATE.test(text)) return null;
  // The oldest form names no zone, and means GMT.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : at - now.getTime();
}
