import { z } from 'zod';
import { type FieldError, Problem, type ProblemCode, problemDocument } from '../problem.ts';

interface Sample {
  detail: string;
  errors?: FieldError[];
  usedBy?: Record<string, readonly number[]>;
}

/** One of each kind. */
const SAMPLES: Record<ProblemCode, Sample> = {
  malformed_request: {
    detail: 'limit must be a whole number from 1 to 200',
    errors: [{ field: 'limit', detail: 'must be a whole number from 1 to 200' }],
  },
  unauthorized: { detail: 'the API key is not known' },
  forbidden: { detail: 'the key lacks the scope bookings:write' },
  not_found: { detail: 'nothing has this id' },
  method_not_allowed: { detail: 'this path takes GET, HEAD, OPTIONS' },
  request_timeout: { detail: 'the body must arrive within 30 s' },
  already_exists: {
    detail: 'this company has one with the same external_id',
    errors: [{ field: 'external_id', detail: 'is taken' }],
  },
  booking_closed: { detail: 'the booking is cancelled' },
  booking_overlap: {
    detail: 'the specialist has booking 1 at that time',
    errors: [{ field: 'starts_at', detail: 'overlaps booking 1' }],
  },
  broadcast_state: { detail: 'the broadcast is cancelled: pause is not possible' },
  user_erased: { detail: 'the user has been erased' },
  idempotency_in_flight: { detail: 'the first request with this Idempotency-Key is still under way' },
  in_use: {
    detail: 'the template is used by notification settings 3, 4',
    usedBy: { notification_settings: [3, 4] },
  },
  precondition_failed: { detail: 'it is no longer as If-Match says: read it again' },
  payload_too_large: { detail: 'the body may have at most 1048576 bytes' },
  unsupported_media_type: { detail: 'send the body with Content-Type: application/json' },
  idempotency_key_reused: {
    detail: 'this Idempotency-Key was used for another request',
    errors: [{ field: 'Idempotency-Key', detail: 'was used for another request' }],
  },
  validation_failed: {
    detail: 'starts_at is required',
    errors: [{ field: 'starts_at', detail: 'is required' }],
  },
  upgrade_required: { detail: 'open it as a WebSocket (RFC 6455, version 13)' },
  too_many_requests: { detail: 'the key has sent too many requests; try again in 1 s' },
  internal_error: { detail: 'the request failed on our side' },
  unavailable: { detail: 'the database cannot be used right now' },
};

export const PROBLEM_CODES = Object.keys(SAMPLES) as ProblemCode[];

export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.enum(PROBLEM_CODES).meta({ description: 'Never changes its meaning' }),
    errors: z
      .array(z.strictObject({ field: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: 'Each wrong field, query parameter or header' }),
    used_by: z
      .record(z.string(), z.array(z.int().min(1)))
      .optional()
      .meta({ description: 'Ids of what stands in the way of a deletion, by the name of its collection' }),
  })
  .meta({ description: 'RFC 9457' });

const sampleOf = (code: ProblemCode): Problem => {
  const { detail, ...options } = SAMPLES[code];
  return new Problem(code, detail, options);
};

export const problemStatus = (code: ProblemCode): number => sampleOf(code).status;
export const problemExample = (code: ProblemCode): unknown => JSON.parse(problemDocument(sampleOf(code)));
