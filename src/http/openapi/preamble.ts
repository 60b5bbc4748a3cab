import { INITIATOR_ROLES } from '../../domain/events.ts';
import type { Scope } from '../../domain/scopes.ts';

export const INFO = {
  title: 'Vestnik',
  version: '1.0.0',
  summary: 'Notifications of a booking business',
  description:
    'JSON in snake_case; ids are integers; times are ISO 8601 and come back in UTC. Unknown members and unknown query parameters ' +
    'are refused. Lists answer pages: send `next_cursor` back as `cursor` until it is null. Every answer carries `X-Request-Id`, ' +
    'yours or a new one. Refusals are `application/problem+json`; their `code` never changes its meaning. ' +
    'A path answers 405 with `Allow` to the methods that it lacks, and every HEAD as its GET.',
  license: { name: 'MIT', identifier: 'MIT' },
};

/** What each scope opens, in a few words. */
const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  read: 'every GET',
  'bookings:write': 'bookings and what may happen to them, events',
  'people:write': 'users, their links and working hours, export and erasure',
  'settings:write': 'the own company, locations and their hours, services, notification settings, ad templates',
  'broadcasts:write': 'broadcasts, also preview',
  'dead-letters:write': 'replay and deletion of dead letters',
  'webhooks:write': 'webhook endpoints, their tests and replay',
};

export const SECURITY_SCHEMES = {
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    description: [
      'The admin key may do everything for every company. A key of a company sees and touches that company alone, and needs the scope that stands',
      'beside `apiKey` at each operation; no scope includes another. `admin` there stands for the admin key, and is no scope.\n',
      ...Object.entries(SCOPE_WORDS).map(([scope, words]) => `- \`${scope}\`: ${words}`),
    ].join('\n'),
  },
  linkToken: { type: 'http', scheme: 'bearer', description: 'The token of a link that a person was sent' },
};

const header = (name: string, description: string, schema: object) => ({ name, in: 'header', description, schema });

/** Parameters of many operations, by the names that the document has for them. */
export const HEADERS = {
  IdempotencyKey: header(
    'Idempotency-Key',
    'The same key with the same body within 24 hours gives the same answer again, with `Idempotency-Replayed: true`, and does nothing; 409 while the first is under way',
    { type: 'string', pattern: '^[!-~]{1,255}$' },
  ),
  IfMatch: header(
    'If-Match',
    'Only if the item still has one of these ETags; else 412 with the current one, and nothing changes',
    { type: 'string' },
  ),
  IfNoneMatch: header('If-None-Match', 'Only if the item has none of these ETags any more; else 304', {
    type: 'string',
  }),
  InitiatedByUserId: header('X-Initiated-By-User-Id', 'Who did it: they hear nothing of their own act', {
    type: 'integer',
    minimum: 1,
  }),
  InitiatedByRole: header('X-Initiated-By-Role', 'In which role', { type: 'string', enum: INITIATOR_ROLES }),
  InitiatedByChannel: header('X-Initiated-By-Channel', 'Through what', { type: 'string', pattern: '^[ -~]{1,64}$' }),
};
type HeaderName = keyof typeof HEADERS;

/** Of answers. */
export const ANSWER_HEADERS = {
  ETag: { description: 'Of the item as it is answered (RFC 9110, section 8.8.3)', schema: { type: 'string' } },
  RetryAfter: { description: 'After how many seconds to try again', schema: { type: 'integer', minimum: 1 } },
  RateLimitPolicy: {
    description:
      "What a company's key may do at once (`q`) and in how many seconds it is all there again (`w`), by limit: `key` counts requests, " +
      '`events` events posted (draft-ietf-httpapi-ratelimit-headers-10). The admin key has no limits, and its answers no such header',
    schema: { type: 'string', examples: ['"key";q=200;w=2'] },
  },
  RateLimit: {
    description: 'What is left of each limit at once (`r`), and after how many seconds it is all there again (`t`)',
    schema: { type: 'string', examples: ['"key";r=163;t=1'] },
  },
  IdempotencyReplayed: {
    description: 'Set where the answer is that of an earlier request with the same Idempotency-Key',
    schema: { type: 'string', const: 'true' },
  },
  WWWAuthenticate: {
    description: 'Which credentials are missing, or which scope (RFC 6750, section 3)',
    schema: { type: 'string' },
  },
  AcceptPatch: { description: 'What a PATCH takes (RFC 5789, section 3.1)', schema: { type: 'string' } },
  XRequestId: {
    description: "The request's own X-Request-Id, or a new one",
    schema: { type: 'string', maxLength: 128 },
  },
};

/** What they are called in an answer. */
export const ANSWER_HEADER_NAMES: Readonly<Record<keyof typeof ANSWER_HEADERS, string>> = {
  ETag: 'ETag',
  RetryAfter: 'Retry-After',
  RateLimitPolicy: 'RateLimit-Policy',
  RateLimit: 'RateLimit',
  IdempotencyReplayed: 'Idempotency-Replayed',
  WWWAuthenticate: 'WWW-Authenticate',
  AcceptPatch: 'Accept-Patch',
  XRequestId: 'X-Request-Id',
};

export const answerHeaderRefs = (names: readonly (keyof typeof ANSWER_HEADERS)[]) =>
  Object.fromEntries(names.map((name) => [ANSWER_HEADER_NAMES[name], { $ref: `#/components/headers/${name}` }]));

export const parameterRef = (name: HeaderName) => ({ $ref: `#/components/parameters/${name}` });

export const INITIATOR_HEADERS: readonly HeaderName[] = ['InitiatedByUserId', 'InitiatedByRole', 'InitiatedByChannel'];
