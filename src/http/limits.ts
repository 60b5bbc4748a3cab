/** The longest JSON body of an ordinary route, in bytes. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** The longest body of `POST /v1/events`, which takes a thousand events. */
export const EVENTS_BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** How many events one request brings at most. */
export const MAX_EVENTS = 1_000;
/** How long a client may take to send its body, in milliseconds. Between two packets uWS itself allows 10 s. */
export const BODY_DEADLINE_MS = 30_000;
/** How long a stopping server waits for the requests under way, in milliseconds. */
export const DRAIN_DEADLINE_MS = 5_000;
/** A stopping server waits for clients that send again within this time over a connection they keep, in milliseconds. */
export const LINGER_MS = 200;
/** What `Retry-After` says with a 503, in seconds. */
export const RETRY_AFTER_S = 2;
/** What `Retry-After` says while the first request with an Idempotency-Key is under way, in seconds. */
export const RETRY_AFTER_IN_FLIGHT_S = 1;
/** A stored answer is replayed for this long, in milliseconds. */
export const IDEMPOTENCY_TTL_MS = 24 * 60 * 60 * 1000;
