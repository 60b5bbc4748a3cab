import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { InitiatorClaim } from '../../bookings/initiator.ts';
import type { Database } from '../../db/database.ts';
import type { EventPublisher } from '../../dispatch/event-publisher.ts';
import { type BookingEvent, bookingEventSchema, type Initiator, SYSTEM_INITIATOR } from '../../domain/events.ts';
import { LANES } from '../../domain/lanes.ts';
import { type Answer, jsonAnswer } from '../answer.ts';
import { type Caller, companyOf } from '../auth.ts';
import type { Idempotency, IdempotencyClaim } from '../idempotency.ts';
import { EVENTS_BODY_LIMIT_BYTES, MAX_EVENTS } from '../limits.ts';
import { type Route, route } from '../route.ts';
import { byHandler, notTheCompany } from '../tenancy.ts';
import { parseBody } from '../validation.ts';

/**
 * The trace is told by the header; reminders of the company's own list and for one person, the steps of its ladder, and what becomes of
 * several moves, are the scheduler's.
 */
const shape = bookingEventSchema.omit({
  trace: true,
  offset: true,
  only_user: true,
  step: true,
  merged: true,
  after: true,
}).shape;
const postedEvent = z.strictObject({
  ...shape,
  id: shape.id.optional(),
  ts: shape.ts.optional(),
  initiated_by: shape.initiated_by.optional(),
  lane: z.enum(LANES).default('p2p'),
});
type PostedEvent = z.infer<typeof postedEvent>;
const postedEvents = z.array(postedEvent).min(1).max(MAX_EVENTS);
/** For the description alone: a union would word its refusals worse than the two do. */
export const eventsBody = z.union([postedEvent, postedEvents]);

interface EventRoutesDeps {
  database: Database;
  publishEvents: EventPublisher['publish'];
  idempotency: Idempotency;
  clock: () => Date;
  newId: () => string;
}

/** Events of another system go straight to the stream; nothing is looked up, so they are as durable as Redis is. */
export function eventRoutes({ database, publishEvents, idempotency, clock, newId }: EventRoutesDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/events',
      auth: { scope: 'bookings:write', company: byHandler },
      body: z.unknown(),
      bodyLimit: EVENTS_BODY_LIMIT_BYTES,
      async handler({ body, caller, idempotency: claim, initiator, trace, takeEvents }) {
        const posted = Array.isArray(body) ? parseBody(postedEvents, body) : [parseBody(postedEvent, body)];
        keepToCompany(posted, Array.isArray(body), caller);
        takeEvents(posted.length);
        const stored = claim && (await idempotency.recall(database.read(), claim));
        if (stored) return stored;
        const events = posted.map((event, index) =>
          complete(event, {
            id: eventId(claim, index, newId),
            initiator,
            trace,
            ts: Math.floor(clock().getTime() / 1000),
          }),
        );
        const ids = claim || posted.some(({ id }) => id !== undefined) ? 'given' : 'made';
        for (const lane of LANES) {
          const ofLane = events.filter((_, index) => posted[index]?.lane === lane);
          if (ofLane.length > 0) await publishEvents(lane, ofLane, ids);
        }
        const answer = jsonAnswer(202, { accepted: events.length, ids: events.map((event) => event.id) });
        return claim ? remember(claim, answer) : answer;
      },
    }),
  ];

  function remember(claim: IdempotencyClaim, answer: Answer): Promise<Answer> {
    return idempotency.run(claim, database.write, async () => answer);
  }
}

/** @throws {Problem} 422 for the first event that is of another company than the caller's key. */
function keepToCompany(posted: readonly PostedEvent[], isList: boolean, caller: Caller): void {
  const company = companyOf(caller);
  const index = posted.findIndex(({ company_id }) => company !== undefined && company_id !== company);
  if (index >= 0) throw notTheCompany(isList ? `${index}.company_id` : 'company_id');
}

interface Defaults {
  id: string;
  ts: number;
  initiator: InitiatorClaim | undefined;
  trace: string;
}

function complete({ lane: _, ...event }: PostedEvent, { id, ts, initiator, trace }: Defaults): BookingEvent {
  return {
    id: event.id ?? id,
    type: event.type,
    company_id: event.company_id,
    booking_id: event.booking_id,
    initiated_by: event.initiated_by ?? claimedInitiator(initiator),
    ts: event.ts ?? ts,
    ...(event.change && { change: event.change }),
    trace,
  };
}

/** With an Idempotency-Key the ids follow from it: when the answer was lost, the stream knows the events again. */
function eventId(claim: IdempotencyClaim | undefined, index: number, newId: () => string): string {
  if (!claim) return newId();
  return createHash('sha256')
    .update(JSON.stringify([claim, index]))
    .digest('base64url');
}

/** Nobody is looked up here: a user whose role is not told hears nothing of their act, and the texts name no role. */
function claimedInitiator(claim: InitiatorClaim | undefined): Initiator {
  if (!claim) return SYSTEM_INITIATOR;
  const { user_id, role = SYSTEM_INITIATOR.role, channel } = claim;
  return { user_id, role, channel };
}
