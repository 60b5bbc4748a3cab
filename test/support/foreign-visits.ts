import { bookingBody } from './api.ts';
import type { Belongings } from './two-companies.ts';

/** One request that reaches for what is another company's. */
export interface Visit {
  path?: Record<string, string | number>;
  /** Without the question mark. */
  query?: string;
  body?: object;
  headers?: Record<string, string>;
  status: number;
  /** The whole answer, where the status is a success; or only that it is the same as for what is not there. */
  answer?: object | 'as missing';
}

type Visits = (theirs: Belongings, ours: Belongings) => Visit[];

/** Routes that take no key, or the token of a link instead. */
export const KEYLESS = [
  'GET /booking.ics',
  'GET /healthz',
  'GET /metrics',
  'GET /openapi.json',
  'GET /readyz',
  'GET /v1/my/booking',
  'GET /v1/push/invitation',
  'GET /v1/push/public-key',
  'DELETE /v1/push-subscriptions',
  'POST /v1/my/booking/cancel',
  'POST /v1/my/booking/confirm',
  'POST /v1/push-subscriptions',
];

const EMPTY = { items: [], next_cursor: null };
/** A list by filters that name what is theirs. */
const list =
  (filters: (theirs: Belongings) => Record<string, string | number>): Visits =>
  (theirs) =>
    Object.entries({ company_id: theirs.company_id, ...filters(theirs) }).map(([name, value]) => ({
      ...{ query: `${name}=${value}`, status: 200, answer: EMPTY },
    }));
const item =
  (idOf: (theirs: Belongings) => string | number, body?: object): Visits =>
  (theirs) => [{ path: { id: idOf(theirs) }, ...(body && { body }), status: 404 }];
/** A body that is right but for the company. */
const inTheirs =
  (bodyOf: (theirs: Belongings) => object): Visits =>
  (theirs, ours) => [
    { body: { ...bodyOf(theirs), company_id: theirs.company_id }, status: 422 },
    { body: { ...bodyOf(ours), company_id: theirs.company_id }, status: 422 },
  ];
const forbidden: Visits = ({ company_id }) => [{ path: { id: company_id }, body: {}, status: 403 }];

const hours = { weekly: {}, days_off: [] };
const broadcast = () => ({ audience: {}, content: { tg_html: 'x' } });
const event = { type: 'booking_created' };

const bookings: Record<string, Visits> = {
  'GET /v1/bookings': list(({ client_id, specialist_id, service_id, location_id }) => ({
    ...{ client_id, specialist_id, service_id, location_id },
  })),
  'POST /v1/bookings': (theirs, ours) => [
    ...inTheirs(bookingBody as (of: Belongings) => object)(theirs, ours),
    ...(['client_id', 'specialist_id', 'service_id', 'location_id'] as const).map((field) => ({
      ...{ body: { ...bookingBody(ours), [field]: theirs[field] }, status: 422 },
    })),
    {
      ...{ body: { ...bookingBody(ours), starts_at: '2026-12-29T14:00:00+03:00' }, status: 422 },
      headers: { 'x-initiated-by-user-id': String(theirs.client_id) },
    },
  ],
  'GET /v1/bookings/{id}': item(({ booking_id }) => booking_id),
  'GET /v1/bookings/{id}/schedule': item(({ booking_id }) => booking_id),
  'PATCH /v1/bookings/{id}': (theirs, ours) => [
    { path: { id: theirs.booking_id }, body: { duration_min: 5 }, status: 404 },
    ...(['specialist_id', 'service_id', 'location_id'] as const).map((field) => ({
      ...{ path: { id: ours.booking_id }, body: { [field]: theirs[field] }, status: 422 },
    })),
  ],
  'POST /v1/bookings/{id}/cancel': item(({ booking_id }) => booking_id),
  'POST /v1/bookings/{id}/complete': item(({ booking_id }) => booking_id),
  'POST /v1/bookings/{id}/no-show': item(({ booking_id }) => booking_id),
  'POST /v1/bookings/{id}/confirm': item(({ booking_id }) => booking_id),
  'POST /v1/events': ({ company_id, booking_id }, ours) => [
    { body: { ...event, company_id, booking_id }, status: 422 },
    {
      body: [
        { ...event, ...ids(ours) },
        { ...event, company_id, booking_id },
      ],
      status: 422,
    },
  ],
  'GET /v1/slots': (theirs, ours) => [
    slots(theirs),
    slots({ ...ours, specialist_id: theirs.specialist_id }),
    slots({ ...ours, service_id: theirs.service_id }),
    slots(ours, `&location_id=${theirs.location_id}`),
    slots(ours, `&booking_id=${theirs.booking_id}`),
  ],
};

const ids = ({ company_id, booking_id }: Belongings) => ({ company_id, booking_id });
const slots = ({ specialist_id, service_id }: Belongings, more = ''): Visit => ({
  query: `specialist_id=${specialist_id}&service_id=${service_id}&date=2026-12-28${more}`,
  status: 422,
});

const messages: Record<string, Visits> = {
  'GET /v1/broadcasts': list(() => ({})),
  'POST /v1/broadcasts': (theirs, ours) => [
    ...inTheirs(broadcast)(theirs, ours),
    { body: { ...broadcast(), ...company(ours), ad_template_id: theirs.template_id }, status: 422 },
  ],
  'POST /v1/broadcasts/preview': (theirs, ours) => [
    ...inTheirs(broadcast)(theirs, ours),
    { body: { ...broadcast(), ...company(ours), ad_template_id: theirs.template_id }, status: 422 },
  ],
  'GET /v1/broadcasts/{id}': item(({ broadcast_id }) => broadcast_id),
  'POST /v1/broadcasts/{id}/pause': item(({ broadcast_id }) => broadcast_id),
  'POST /v1/broadcasts/{id}/resume': item(({ broadcast_id }) => broadcast_id),
  'POST /v1/broadcasts/{id}/cancel': item(({ broadcast_id }) => broadcast_id),
  'POST /v1/broadcasts/{id}/retry-failed': item(({ broadcast_id }) => broadcast_id),
  'GET /v1/dead-letters': list(() => ({})),
  'GET /v1/dead-letters/{id}': item(({ letter_id }) => letter_id),
  'DELETE /v1/dead-letters/{id}': item(({ letter_id }) => letter_id),
  'POST /v1/dead-letters/replay': ({ letter_id }) => [
    { body: { ids: [letter_id] }, status: 200, answer: { replayed: 0, missing: [letter_id] } },
  ],
  'GET /v1/deliveries': list(({ client_id, booking_id, broadcast_id, event_id }) => ({
    ...{ user_id: client_id, booking_id, broadcast_id, event_id },
  })),
  'GET /v1/deliveries/explain': (theirs, ours) => [
    explained(theirs, theirs),
    { query: `event_id=${theirs.event_id}&user_id=1&company_id=${theirs.company_id}`, status: 404 },
    explained(theirs, ours),
    explained(ours, theirs),
  ],
  'GET /v1/live': ({ company_id }) => [{ query: `company_id=${company_id}`, status: 426 }],
};

const explained = ({ event_id }: Belongings, { client_id }: Belongings): Visit => ({
  ...{ query: `event_id=${event_id}&user_id=${client_id}`, status: 200, answer: 'as missing' },
});

const company = ({ company_id }: Belongings) => ({ company_id });

/** The six routes of a plain resource. */
function crud(path: string, idOf: (of: Belongings) => number, body: object, change: object): Record<string, Visits> {
  return {
    [`GET ${path}`]: list(() => ({})),
    [`POST ${path}`]: inTheirs(() => body),
    [`GET ${path}/{id}`]: item(idOf),
    [`PATCH ${path}/{id}`]: (theirs, ours) => [
      { path: { id: idOf(theirs) }, body: change, status: 404 },
      { path: { id: idOf(theirs) }, body: {}, status: 404 },
      { path: { id: idOf(ours) }, body: company(theirs), status: 422 },
    ],
    [`DELETE ${path}/{id}`]: item(idOf),
  };
}

const schedule = (path: string, idOf: (of: Belongings) => number): Record<string, Visits> => ({
  [`GET ${path}`]: item(idOf),
  [`PUT ${path}`]: item(idOf, hours),
  [`DELETE ${path}`]: item(idOf),
});

const setting = { event_type: 'booking_created', recipient_role: 'client', channel: 'telegram', enabled: true };
const HOOK = 'https://hooks.example/';
const resources: Record<string, Visits> = {
  ...crud('/v1/companies', ({ company_id }) => company_id, {}, { name: 'x' }),
  'GET /v1/companies': () => [],
  'POST /v1/companies': forbidden,
  'DELETE /v1/companies/{id}': forbidden,
  'GET /v1/companies/{id}/notification-settings': item(({ company_id }) => company_id),
  'PUT /v1/companies/{id}/notification-settings': (theirs, ours) => [
    { path: { id: theirs.company_id }, body: { settings: [] }, status: 404 },
    {
      path: { id: ours.company_id },
      body: { settings: [{ ...setting, ad_template_id: theirs.template_id }] },
      status: 422,
    },
  ],
  ...crud('/v1/locations', ({ location_id }) => location_id, { name: 'x' }, { name: 'x' }),
  ...crud('/v1/services', ({ service_id }) => service_id, { name: 'x', duration_min: 5 }, { name: 'x' }),
  ...crud('/v1/users', ({ client_id }) => client_id, { name: 'x', role: 'client' }, { name: 'x' }),
  ...crud('/v1/notification-settings', ({ setting_id }) => setting_id, setting, { enabled: false }),
  'POST /v1/notification-settings': (theirs, ours) => [
    ...inTheirs(() => setting)(theirs, ours),
    { body: { ...setting, ...company(ours), ad_template_id: theirs.template_id }, status: 422 },
  ],
  ...crud('/v1/ad-templates', ({ template_id }) => template_id, { name: 'x', content_tg: 'x' }, { active: false }),
  ...crud('/v1/webhook-endpoints', ({ webhook_id }) => webhook_id, { url: HOOK }, { enabled: false }),
  'POST /v1/webhook-endpoints/{id}/rotate-secret': item(({ webhook_id }) => webhook_id),
  'POST /v1/webhook-endpoints/{id}/test': item(({ webhook_id }) => webhook_id),
  'GET /v1/webhook-messages': list(({ webhook_id }) => ({ endpoint_id: webhook_id })),
  'POST /v1/webhook-messages/replay': ({ webhook_id, message_id }, ours) => [
    { body: { endpoint_id: webhook_id, ids: [message_id] }, status: 422 },
    {
      ...{ body: { endpoint_id: ours.webhook_id, ids: [message_id] }, status: 200 },
      answer: { replayed: 0, missing: [message_id], more: false },
    },
  ],
  ...schedule('/v1/users/{id}/schedule', ({ specialist_id }) => specialist_id),
  ...schedule('/v1/locations/{id}/schedule', ({ location_id }) => location_id),
  'POST /v1/users/{id}/link': item(({ client_id }) => client_id),
  'POST /v1/users/{id}/export': item(({ client_id }) => client_id),
  'POST /v1/users/{id}/erase': item(({ client_id }) => client_id),
};

/** What a key may reach for in vain, by route. A new route belongs here, or the test fails. */
export const FOREIGN_VISITS: Readonly<Record<string, Visits>> = { ...bookings, ...messages, ...resources };
