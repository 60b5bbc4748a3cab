import { formatVenueTime } from '#src/messages/venue-time.ts';
import type { CommittedEvent } from './history.ts';

/** What the salons of the chaos suite are set to, so that a time in a text names one slot. */
export const TIME_ZONE = 'UTC';
export const LOCALE = 'en';

const SIGNS = { '📅': 'booking_created', '🔄': 'booking_rescheduled', '❌': 'booking_cancelled' } as const;
const TIME_LINE = /^🕐 (?:(.+) → )?(.+)$/mu;

/**
 * Tells which event a message is about. Every slot of a company is used once, so the time in the text names the booking; what
 * a moved booking's time was before names the move. A text may show a later state of the booking than the event's own.
 */
export function createMessageReader(
  committed: readonly CommittedEvent[],
): (company: number, text: string) => string | null {
  const bookingAt = new Map<string, number>();
  const createdOrCancelled = new Map<string, string>();
  const movedFrom = new Map<string, string>();
  const timeOf = (iso: string) => formatVenueTime(new Date(iso), TIME_ZONE, LOCALE);
  for (const { id, company, booking, type, from, to } of committed) {
    bookingAt.set(`${company} ${timeOf(to)}`, booking);
    if (type !== 'booking_rescheduled') createdOrCancelled.set(`${booking} ${type}`, id);
    else if (from !== null) movedFrom.set(`${company} ${timeOf(from)}`, id);
  }

  return (company, text) => {
    const type = SIGNS[[...text][0] as keyof typeof SIGNS];
    const [, before, now] = TIME_LINE.exec(text) ?? [];
    if (type === 'booking_rescheduled') return movedFrom.get(`${company} ${before}`) ?? null;
    return createdOrCancelled.get(`${bookingAt.get(`${company} ${now}`)} ${type}`) ?? null;
  };
}
