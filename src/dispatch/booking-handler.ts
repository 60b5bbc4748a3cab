import type { Delivery, Plan } from '#actors/handler.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { SendLane } from '../channels/send-budget/send-budget.ts';
import { createAudienceReader } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { loggedOutcomes } from '../db/deliveries.ts';
import type { BookingEvent } from '../domain/events.ts';
import { selectRecipients } from '../domain/recipients.ts';
import type { BookingMessages } from './booking-messages.ts';
import type { EventHandler } from './dispatcher.ts';
import type { PersonDelivery } from './person-delivery.ts';
import { dead, type Receipt, receiptSchema, recipientOf, suppressed } from './receipt.ts';

type Outcomes = Awaited<ReturnType<typeof loggedOutcomes>>;
type Concluded = Extract<Plan<Receipt>, { kind: 'deliver' }>['concluded'];

/** Resolves the recipients of every booking event. */
export function createBookingHandler(deps: {
  database: Database;
  messages: BookingMessages;
  delivery: PersonDelivery;
  sends: Pick<SendLane, 'enter'>;
}): EventHandler<BookingEvent> {
  const { database, messages, delivery, sends } = deps;
  const loadAudience = createAudienceReader(database);

  async function loggedReceipt(event: BookingEvent, entry: StreamEntry, userId: number): Promise<Receipt | null> {
    const outcomes = await loggedOutcomes(database, event.company_id, event.id);
    const logged = outcomes.get(userId);
    return logged && !isReplayed(entry, outcomes, userId) ? receiptSchema.parse(logged) : null;
  }

  return async (event, entry) => {
    const found = await loadAudience(event);
    if (!found) {
      const message = `company ${event.company_id} has no booking ${event.booking_id}`;
      return { kind: 'failed', failure: { code: 'booking_not_found', message } };
    }
    // Another copy of this event may have reached some of them already, or may be reaching them now.
    const outcomes: Outcomes = entry.redelivered
      ? await loggedOutcomes(database, event.company_id, event.id)
      : new Map();
    const isOpen = ({ user_id }: { user_id: number }) => !outcomes.has(user_id) || isReplayed(entry, outcomes, user_id);
    const { chosen, excluded } = selectRecipients({ event, ...found });

    const inTelegram = new Set(found.users.filter(({ tg_id }) => tg_id !== null).map(({ id }) => id));
    const admit = (signal: AbortSignal) => sends.enter(event.company_id, signal);
    const deliveries = chosen.filter(isOpen).map(
      (recipient): Delivery<Receipt> => ({
        recipient: recipientOf(recipient.user_id),
        // Who hears by Web Push alone waits for nobody.
        ...(recipient.channels.includes('telegram') && inTelegram.has(recipient.user_id) && { admit }),
        async deliver(attempt) {
          const receipt = entry.redelivered ? await loggedReceipt(event, entry, recipient.user_id) : null;
          if (receipt) return { kind: 'done', receipt };
          return await delivery.deliver(() => messages.read(event, recipient), attempt);
        },
        dead: (failure) => dead({ user_id: recipient.user_id, role: recipient.audience }, failure),
      }),
    );
    const concluded = excluded.filter(isOpen).map(({ user_id, audience, reason }) => ({
      recipient: recipientOf(user_id),
      receipt: suppressed({ user_id, role: audience }, reason),
    }));
    const concerned = new Set([...chosen, ...excluded].map(({ user_id }) => user_id));
    return { kind: 'deliver', deliveries, concluded: [...concluded, ...noLongerConcerned(entry, outcomes, concerned)] };
  };
}

/** "Dead" is no end for the one whose dead letter is being replayed. */
export function isReplayed(entry: StreamEntry, outcomes: Outcomes, userId: number): boolean {
  return entry.only === recipientOf(userId) && outcomes.get(userId)?.status === 'dead';
}

/** The replay comes too late for someone who has lost their place in the booking since. */
function noLongerConcerned(entry: StreamEntry, outcomes: Outcomes, concerned: ReadonlySet<number>): Concluded {
  return [...outcomes]
    .filter(([user_id]) => isReplayed(entry, outcomes, user_id) && !concerned.has(user_id))
    .map(([user_id, { role }]) => ({
      recipient: recipientOf(user_id),
      receipt: suppressed({ user_id, role: receiptSchema.shape.role.parse(role) }, 'no_longer_concerned'),
    }));
}
