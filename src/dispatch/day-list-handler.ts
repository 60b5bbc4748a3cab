import type { Delivery } from '#actors/handler.ts';
import type { SendLane } from '../channels/send-budget/send-budget.ts';
import { peopleOf } from '../db/broadcast-reads.ts';
import type { Database } from '../db/database.ts';
import { loggedOutcomes } from '../db/deliveries.ts';
import type { SpecialistDayEvent } from '../domain/day-lists.ts';
import { isReplayed } from './booking-handler.ts';
import { type DayListMessages, specialist } from './day-list-messages.ts';
import type { EventHandler } from './dispatcher.ts';
import type { PersonDelivery } from './person-delivery.ts';
import { dead, type Receipt, receiptSchema, recipientOf } from './receipt.ts';

/** The list of a day goes to the one whom it is for. */
export function createDayListHandler(deps: {
  database: Database;
  messages: DayListMessages;
  delivery: PersonDelivery;
  sends: Pick<SendLane, 'enter'>;
}): EventHandler<SpecialistDayEvent> {
  const { database, messages, delivery, sends } = deps;

  return async (event, entry) => {
    const { id, company_id, user_id } = event;

    /** Another copy of the event may have reached them already, or be reaching them now. */
    async function ended(): Promise<Receipt | null> {
      if (!entry.redelivered) return null;
      const outcomes = await loggedOutcomes(database, company_id, id);
      const logged = outcomes.get(user_id);
      return logged && !isReplayed(entry, outcomes, user_id) ? receiptSchema.parse(logged) : null;
    }

    if (await ended()) return { kind: 'deliver', deliveries: [], concluded: [] };
    const people = await peopleOf(database.read(), [user_id]);
    const theirs: Delivery<Receipt> = {
      recipient: recipientOf(user_id),
      // Who hears by Web Push alone waits for nobody.
      ...(people.get(user_id)?.isInTelegram && {
        admit: (signal: AbortSignal) => sends.enter(company_id, signal),
      }),
      async deliver(attempt) {
        const receipt = await ended();
        return receipt ? { kind: 'done', receipt } : await delivery.deliver(() => messages.read(event), attempt);
      },
      dead: (failure) => dead(specialist(user_id), failure),
    };
    return { kind: 'deliver', deliveries: [theirs], concluded: [] };
  };
}
