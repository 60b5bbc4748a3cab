import type { DeliveryFacts } from '../db/booking-reads.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { Recipient } from '../domain/recipients.ts';
import type { Person } from './receipt.ts';

/** A message that still holds, for whichever channel takes it. */
export interface ReadyMessage {
  kind: 'ready';
  event: BookingEvent;
  /** In the place in which they hear. */
  recipient: Recipient;
  /** As they stood when this attempt began. */
  facts: DeliveryFacts;
}

/** How the person appears in receipts. */
export function personOf({ user_id, audience }: Recipient): Person {
  return { user_id, role: audience };
}
