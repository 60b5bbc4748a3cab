/** Every kind of refusal. The code is part of the contract: it never changes its meaning or its status. */
const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request is malformed' },
  unauthorized: { status: 401, title: 'A valid API key is required' },
  forbidden: { status: 403, title: 'The API key does not allow this' },
  not_found: { status: 404, title: 'There is no such resource' },
  method_not_allowed: { status: 405, title: 'The resource does not have this method' },
  request_timeout: { status: 408, title: 'The body did not arrive in time' },
  already_exists: { status: 409, title: 'Such a resource exists already' },
  booking_closed: { status: 409, title: 'The booking can no longer be changed' },
  booking_overlap: { status: 409, title: 'The specialist is busy at that time' },
  broadcast_state: { status: 409, title: 'The broadcast is in another state' },
  idempotency_in_flight: { status: 409, title: 'The first request with this key is still under way' },
  in_use: { status: 409, title: 'The resource is in use' },
  user_erased: { status: 409, title: 'The user has been erased' },
  precondition_failed: { status: 412, title: 'The resource has changed meanwhile' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be JSON' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key belongs to another request' },
  validation_failed: { status: 422, title: 'The request has invalid fields' },
  upgrade_required: { status: 426, title: 'The resource is a WebSocket' },
  too_many_requests: { status: 429, title: 'There are too many requests at once' },
  internal_error: { status: 500, title: 'The server failed' },
  unavailable: { status: 503, title: 'The service cannot do this right now' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** One wrong member of the request: a field (`starts_at`, `3.type`), a query parameter or a header. */
export interface FieldError {
  field: string;
  detail: string;
}

interface ProblemOptions {
  errors?: FieldError[];
  /** Ids of what stands in the way, by the name of its collection. */
  usedBy?: Record<string, readonly number[]>;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A refusal on its way to the client; its detail is read by people outside, so it holds no internals. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly usedBy: Record<string, readonly number[]> | undefined;
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, detail: string, { errors, usedBy, headers = {}, cause }: ProblemOptions = {}) {
    super(detail, { cause });
    this.name = 'Problem';
    this.code = code;
    this.status = PROBLEMS[code].status;
    this.errors = errors;
    this.usedBy = usedBy;
    this.headers = headers;
  }
}

/** The body of RFC 9457, section 3, with the members `code`, `errors` and `used_by` of our own. */
export function problemDocument(problem: Problem): string {
  return JSON.stringify({
    type: `/problems/${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    errors: problem.errors,
    used_by: problem.usedBy,
  });
}

/** 422: the value is well formed but cannot be accepted. */
export function invalidField(field: string, detail: string): Problem {
  return new Problem('validation_failed', `${field} ${detail}`, { errors: [{ field, detail }] });
}

/** 400: a body, a query parameter or a header that cannot be read. */
export function malformed(field: string, detail: string, cause?: unknown): Problem {
  return new Problem('malformed_request', `${field} ${detail}`, { errors: [{ field, detail }], cause });
}

/** 422: an Idempotency-Key belongs to the request that it came with first. */
export function keyReused(): Problem {
  return new Problem('idempotency_key_reused', 'this Idempotency-Key was used for another request', {
    errors: [{ field: 'Idempotency-Key', detail: 'was used for another request' }],
  });
}
