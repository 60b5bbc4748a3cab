import { INITIATOR_ROLES } from '../../domain/events.ts';

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

export const SECURITY_SCHEMES = {
  apiKey: { type: 'http', scheme: 'bearer', description: 'An API key' },
  linkToken: { type: 'http', scheme: 'bearer', description: 'The token of a link that a person was sent' },
};

const header = (name: string, description: string, schema: object) => ({ name, in: 'header', description, schema });

/** Parameters of many operations, by the names that the document has for them. */
export const HEADERS = {
  IdempotencyKey: header(
    'Idempotency-Key',
    'The same key with the same body within 24 hours gives the same answer again, with `Idempotency-Replayed: true`, and does nothing',
    { type: 'string', pattern: '^[!-~]{1,255}$' },
  ),
  InitiatedByUserId: header('X-Initiated-By-User-Id', 'Who did it: they hear nothing of their own act', {
    type: 'integer',
    minimum: 1,
  }),
  InitiatedByRole: header('X-Initiated-By-Role', 'In which role', { type: 'string', enum: INITIATOR_ROLES }),
  InitiatedByChannel: header('X-Initiated-By-Channel', 'Through what', { type: 'string', pattern: '^[ -~]{1,64}$' }),
};
type HeaderName = keyof typeof HEADERS;

/** Of refusals. */
export const RETRY_AFTER = {
  RetryAfter: { description: 'After how many seconds to try again', schema: { type: 'integer', minimum: 1 } },
};

export const parameterRef = (name: HeaderName) => ({ $ref: `#/components/parameters/${name}` });

export const INITIATOR_HEADERS: readonly HeaderName[] = ['InitiatedByUserId', 'InitiatedByRole', 'InitiatedByChannel'];
