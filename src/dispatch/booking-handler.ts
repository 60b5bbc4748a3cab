import type { Delivery } from '#actors/handler.ts';
import { loadBookingAudience } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { finishedRecipients } from '../db/deliveries.ts';
import { selectRecipients } from '../domain/recipients.ts';
import type { BookingDelivery } from './booking-delivery.ts';
import type { EventHandler } from './dispatcher.ts';
import { dead, type Receipt, recipientOf, suppressed } from './receipt.ts';

/** Resolves the recipients of every booking event. */
export function createBookingHandler(deps: { database: Database; delivery: BookingDelivery }): EventHandler {
  const { database, delivery } = deps;

  return async (event, entry) => {
    const found = await loadBookingAudience(database, event);
    if (!found) {
      const message = `company ${event.company_id} has no booking ${event.booking_id}`;
      return { kind: 'failed', failure: { code: 'booking_not_found', message } };
    }
    // Another copy of this event may have reached some of them already.
    const finished = entry.redelivered
      ? await finishedRecipients(database, event.company_id, event.id)
      : new Set<number>();
    const { chosen, excluded } = selectRecipients({ event, ...found });

    const deliveries = chosen
      .filter(({ user_id }) => !finished.has(user_id))
      .map(
        (recipient): Delivery<Receipt> => ({
          recipient: recipientOf(recipient.user_id),
          deliver: ({ signal }) => delivery.deliver(event, recipient, signal),
          dead: (failure) => dead({ user_id: recipient.user_id, role: recipient.audience }, failure),
        }),
      );
    const concluded = excluded
      .filter(({ user_id }) => !finished.has(user_id))
      .map(({ user_id, audience, reason }) => ({
        recipient: recipientOf(user_id),
        receipt: suppressed({ user_id, role: audience }, reason),
      }));
    return { kind: 'deliver', deliveries, concluded };
  };
}
