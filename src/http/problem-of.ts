import { BookingRefused } from '../bookings/booking-refused.ts';
import { BroadcastRefused } from '../broadcast/broadcast-refused.ts';
import { constraintOf, isDatabaseAway } from '../db/errors.ts';
import { StreamUnavailable } from '../dispatch/event-publisher.ts';
import { USER_ID_HEADER } from './initiator.ts';
import { RETRY_AFTER_S } from './limits.ts';
import { invalidField, Problem } from './problem.ts';

/** What the client hears of an error. Whatever is not known here is a 500 without a word about its cause. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BookingRefused) return refusedBooking(error);
  if (error instanceof BroadcastRefused) return refusedBroadcast(error);
  if (isDatabaseAway(error)) return unavailable('the database cannot be used right now', error);
  if (error instanceof StreamUnavailable) return unavailable(error.message, error);
  return brokenConstraint(error) ?? new Problem('internal_error', 'the request failed on our side', { cause: error });
}

export function unavailable(detail: string, cause?: unknown): Problem {
  return new Problem('unavailable', detail, { headers: { 'retry-after': String(RETRY_AFTER_S) }, cause });
}

function refusedBooking({ refusal }: BookingRefused): Problem {
  switch (refusal.code) {
    case 'booking_not_found':
      return new Problem('not_found', 'there is no booking with this id');
    case 'unknown_initiator':
      return invalidField(USER_ID_HEADER, 'must be the id of a user of this company');
    case 'booking_closed':
      return new Problem('booking_closed', `the booking is ${refusal.status}`);
    case 'booking_begun':
      return new Problem('booking_closed', 'the booking has begun');
    case 'booking_overlap':
      return new Problem('booking_overlap', `the specialist has booking ${refusal.bookingId} at that time`, {
        errors: [{ field: 'starts_at', detail: `overlaps booking ${refusal.bookingId}` }],
      });
    case 'invalid_field':
      return invalidField(refusal.field, refusal.detail);
    default:
      return refusal satisfies never;
  }
}

function refusedBroadcast({ refusal }: BroadcastRefused): Problem {
  switch (refusal.code) {
    case 'broadcast_not_found':
      return new Problem('not_found', 'there is no broadcast with this id');
    case 'broadcast_state':
      return new Problem('broadcast_state', `the broadcast is ${refusal.status}: ${refusal.act} is not possible`);
    case 'invalid_field':
      return invalidField(refusal.field, refusal.detail);
    default:
      return refusal satisfies never;
  }
}

function brokenConstraint(error: unknown): Problem | undefined {
  const constraint = constraintOf(error);
  if (constraint?.kind === 'unique') {
    const fields = constraint.columns.filter((column) => column !== 'company_id');
    return new Problem('already_exists', `this company has one with the same ${fields.join(', ')}`, {
      errors: fields.map((field) => ({ field, detail: 'is taken' })),
      cause: error,
    });
  }
  // References are checked before they are written: what is left is a delete of something referred to.
  if (constraint?.kind === 'foreign_key')
    return new Problem('in_use', 'other things still refer to it, so it cannot be deleted', { cause: error });
  return undefined;
}
