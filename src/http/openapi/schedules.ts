import { z } from 'zod';
import { WEEKDAYS } from '../../domain/working-hours.ts';
import type { ProblemCode } from '../problem.ts';
import type { Area, Operation, OperationKey } from './operation.ts';
import { id, instant, NOW } from './shapes.ts';

const span = z.strictObject({ from: z.string(), to: z.string() });
const day = z.strictObject({ ...span.shape, breaks: z.array(span) }).nullable();
const hours = {
  weekly: z.strictObject(Object.fromEntries(WEEKDAYS.map((weekday) => [weekday, day]))),
  days_off: z.array(z.iso.date()),
  source: z.enum(['own', 'location', 'default']),
  updated_at: instant.nullable(),
};
const userSchedule = z.strictObject({ user_id: id, ...hours });
const locationSchedule = z.strictObject({ location_id: id, ...hours });

const slots = z.strictObject({
  items: z.array(z.strictObject({ starts_at: instant, ends_at: instant })),
  specialist_id: id,
  service_id: id,
  date: z.iso.date(),
  time_zone: z.string(),
});

const body = {
  weekly: {
    monday: { from: '10:00', to: '19:00', breaks: [{ from: '13:00', to: '14:00' }] },
    saturday: { from: '10:00', to: '15:00' },
  },
  days_off: ['2026-12-31'],
};
const closed = Object.fromEntries(WEEKDAYS.map((weekday) => [weekday, null]));
const answered = {
  weekly: { ...closed, monday: body.weekly.monday, saturday: { ...body.weekly.saturday, breaks: [] } },
  ...{ days_off: body.days_off, source: 'own', updated_at: NOW },
};

interface Owner {
  path: `/${string}`;
  /** As in `UserSchedule`. */
  name: string;
  whose: string;
  example: Record<string, unknown> & { id: number };
  schema: z.ZodType;
  /** Of GET. */
  queryProblems?: readonly ProblemCode[];
}

function scheduleOperations({ path, name, whose, example: { id: exampleId, ...owner }, schema, queryProblems }: Owner) {
  const params = { id: exampleId };
  const shown = { schema, example: { ...owner, ...answered } };
  const operations: [OperationKey, Operation][] = [
    [
      `GET ${path}`,
      {
        operationId: `get${name}`,
        summary: `Get the hours that count for ${whose}`,
        examples: { params },
        answers: { 200: { description: 'The hours, and whose they are', ...shown } },
        ...(queryProblems && { problems: queryProblems }),
      },
    ],
    [
      `PUT ${path}`,
      {
        operationId: `set${name}`,
        summary: `Set the working hours of ${whose}`,
        description: 'A weekday that is missing or null is closed; times are by the clock of the venue.',
        examples: { params, bodies: { week: body } },
        answers: { 200: { description: 'The hours as they are now', ...shown } },
      },
    ],
    [
      `DELETE ${path}`,
      {
        operationId: `delete${name}`,
        summary: `Go back to the default hours for ${whose}`,
        examples: { params },
        answers: { 204: { description: 'None are set' } },
      },
    ],
  ];
  return Object.fromEntries(operations);
}

export const schedules: Area = {
  name: 'Schedules',
  description: 'Working hours, and the times that are free in them.',
  schemas: { UserSchedule: userSchedule, LocationSchedule: locationSchedule },
  operations: {
    ...scheduleOperations({
      path: '/v1/users/{id}/schedule',
      name: 'UserSchedule',
      whose: 'a specialist',
      example: { id: 2, user_id: 2 },
      schema: userSchedule,
      queryProblems: ['validation_failed'],
    }),
    ...scheduleOperations({
      path: '/v1/locations/{id}/schedule',
      name: 'LocationSchedule',
      whose: 'a location',
      example: { id: 1, location_id: 1 },
      schema: locationSchedule,
    }),
    'GET /v1/slots': {
      operationId: 'listSlots',
      summary: 'List the free times of a day',
      description: 'With `booking_id`, those to which that booking may be moved.',
      examples: { query: { specialist_id: 2, service_id: 1, date: '2026-11-24' } },
      answers: {
        200: {
          description: 'The starts at which the service fits',
          schema: slots,
          example: {
            items: [{ starts_at: '2026-11-24T07:00:00.000Z', ends_at: '2026-11-24T08:00:00.000Z' }],
            ...{ specialist_id: 2, service_id: 1, date: '2026-11-24', time_zone: 'Europe/Moscow' },
          },
        },
      },
      problems: ['validation_failed'],
    },
  },
};
