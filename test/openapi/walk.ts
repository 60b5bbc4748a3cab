import { OPERATIONS } from '#src/http/openapi/areas.ts';
import type { OperationKey } from '#src/http/openapi/operation.ts';
import type { DescribedApi, Given } from './described-api.ts';

type Prepare = (api: DescribedApi) => Promise<Given> | Given;

async function subscribeToken(api: DescribedApi): Promise<Given> {
  const { json } = await api.send('POST /v1/users/{id}/link');
  return { token: json.subscribe_url.split('#')[1] };
}

/** Whatever was booked for that time before. */
const MANY = { allow_overlap: true };

async function ownBooking(api: DescribedApi): Promise<Given> {
  const { json } = await api.send('POST /v1/bookings', {
    body: { company_id: 1, client_id: 1, specialist_id: 2, service_id: 1, starts_at: '2026-12-30T09:00:00Z', ...MANY },
  });
  return { token: api.bookingToken(json.id) };
}

/** What an example needs that it cannot say. */
const PREPARATIONS: Partial<Record<OperationKey, Prepare>> = {
  'GET /v1/push/invitation': subscribeToken,
  'POST /v1/push-subscriptions': subscribeToken,
  'DELETE /v1/push-subscriptions': subscribeToken,
  'GET /v1/my/booking': (api) => ({ token: api.bookingToken(1) }),
  'POST /v1/my/booking/cancel': ownBooking,
  'POST /v1/my/booking/confirm': ownBooking,
  'GET /booking.ics': (api) => ({ query: { token: api.bookingToken(1, 'calendar') } }),
};

/** The order in which a fresh database takes the examples: first what others refer to, deletions last. */
const FIRST: readonly OperationKey[] = [
  'POST /v1/companies',
  'POST /v1/users',
  'POST /v1/services',
  'POST /v1/locations',
  'POST /v1/ad-templates',
  'POST /v1/notification-settings',
  'POST /v1/bookings',
  'POST /v1/broadcasts',
  'POST /v1/broadcasts/preview',
  'GET /v1/my/booking',
  'POST /v1/broadcasts/{id}/pause',
  'POST /v1/broadcasts/{id}/retry-failed',
  'POST /v1/broadcasts/{id}/resume',
  'PATCH /v1/bookings/{id}',
];
/** Not answered over plain HTTP. */
const SOCKETS: readonly OperationKey[] = ['GET /v1/live'];

const isLast = (key: OperationKey): boolean => /^DELETE|erase$/.test(key);

/** Every operation that answers over plain HTTP, once. */
export function walkOrder(): OperationKey[] {
  const rest = [...OPERATIONS.keys()].filter((key) => !FIRST.includes(key) && !SOCKETS.includes(key));
  return [...FIRST, ...rest.filter((key) => !isLast(key)), ...rest.filter(isLast)];
}

/** All examples of an operation; an operation without any is one request all the same. */
export async function examplesOf(api: DescribedApi, key: OperationKey): Promise<Given[]> {
  const given = (await PREPARATIONS[key]?.(api)) ?? {};
  const bodies = Object.values(OPERATIONS.get(key)?.operation.examples?.bodies ?? {});
  return bodies.length === 0 ? [given] : bodies.map((body) => ({ ...given, body }));
}
