import type { Delivery, Plan } from '#actors/handler.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { SendBudget, SendLane } from '../channels/send-budget/send-budget.ts';
import { findChunk } from '../db/broadcast-chunks.ts';
import { broadcastText, peopleOf } from '../db/broadcast-reads.ts';
import type { Database } from '../db/database.ts';
import { loggedOutcomes } from '../db/deliveries.ts';
import type { BroadcastEvent } from '../domain/broadcasts.ts';
import type { BroadcastMessages } from './broadcast-messages.ts';
import type { PersonDelivery } from './person-delivery.ts';
import { dead, outcomeUnknown, type Receipt, recipientOf } from './receipt.ts';

/** Resolves the people of a chunk: those of whom the log does not tell yet. */
export function createBroadcastHandler(deps: {
  database: Database;
  messages: BroadcastMessages;
  delivery: PersonDelivery;
  sends: Pick<SendLane, 'enter'>;
  sendBudget: Pick<SendBudget, 'paid'>;
}): (event: BroadcastEvent, entry: StreamEntry) => Promise<Plan<Receipt>> {
  const { database, messages, delivery, sends, sendBudget } = deps;

  return async (event, entry) => {
    const sql = database.read();
    const [chunk, text, logged] = await Promise.all([
      findChunk(sql, event),
      broadcastText(sql, event),
      loggedOutcomes(database, event.company_id, event.id),
    ]);
    if (!chunk || !text) {
      const message = `company ${event.company_id} has no chunk ${event.chunk} of a broadcast ${event.broadcast_id}`;
      return { kind: 'failed', failure: { code: 'broadcast_not_found', message } };
    }
    const isReplayed = (id: number) => entry.only === recipientOf(id) && logged.get(id)?.status === 'dead';
    // Of a finished chunk the log once told of everybody; by now it may keep them no longer.
    const mayBeNew = (id: number) => !chunk.isFinished || entry.only === recipientOf(id);
    const open = chunk.members.filter((id) => isReplayed(id) || (!logged.has(id) && mayBeNew(id)));
    const people = await peopleOf(sql, open);
    const gate = text.allow_paid ? sendBudget.paid : sends;
    // A test to one person does not stand behind the company's own people.
    const inLine = text.is_test ? -event.broadcast_id : event.company_id;
    const admit = (signal: AbortSignal) => gate.enter(inLine, signal);

    const deliveries = open.map((user_id): Delivery<Receipt> => {
      const { role = 'client', isInTelegram = false } = people.get(user_id) ?? {};
      const person = { user_id, role };
      return {
        recipient: recipientOf(user_id),
        // Who hears by Web Push alone waits for nobody, and a repeated notification takes the place of the first.
        ...(isInTelegram && { admit, crashed: (failure) => outcomeUnknown(person, failure) }),
        deliver: (attempt) => delivery.deliver(() => messages.read(event, text, user_id, isReplayed(user_id)), attempt),
        dead: (failure) => dead(person, failure),
      };
    });
    return { kind: 'deliver', deliveries, concluded: [] };
  };
}
