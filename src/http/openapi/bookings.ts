import { z } from 'zod';
import { BOOKING_STATUSES } from '../../domain/bookings.ts';
import type { Area, Operation } from './operation.ts';
import { bookingScheduleOperations, scheduleSchemas } from './reminders.ts';
import { id, instant, MERGE_PATCH, NOW, onePage, pageOf } from './shapes.ts';

export const booking = z.strictObject({
  id,
  external_id: z.string().nullable(),
  company_id: id,
  client_id: id,
  specialist_id: id,
  service_id: id,
  location_id: id.nullable(),
  starts_at: instant,
  ends_at: instant,
  duration_min: z.int().min(1),
  status: z.enum(BOOKING_STATUSES),
  version: id.meta({ description: '1 at first, one more with every change' }),
  confirmed_at: instant.nullable().meta({ description: 'When the client said that they come, at this time' }),
  created_at: instant,
  updated_at: instant,
});

const facts = { company_id: 1, client_id: 1, specialist_id: 2, service_id: 1 };
const example = {
  ...{ id: 1, external_id: 'crm-7421', ...facts, location_id: 1 },
  ...{ starts_at: '2026-12-28T11:00:00.000Z', ends_at: '2026-12-28T12:00:00.000Z', duration_min: 60 },
  ...{ status: 'created', version: 1, confirmed_at: null, created_at: NOW, updated_at: NOW },
};

/** One that ends the booking of this id. */
const ending = (operationId: string, summary: string, status: string, exampleId: number): Operation => ({
  operationId,
  summary,
  initiator: true,
  examples: { params: { id: exampleId } },
  answers: {
    200: {
      description: 'The booking as it is now',
      schema: booking,
      example: { ...example, id: exampleId, status, version: 2 },
    },
  },
  problems: ['booking_closed'],
});

export const bookings: Area = {
  name: 'Bookings',
  description: 'The people concerned hear of every change by themselves.',
  schemas: { Booking: booking, ...scheduleSchemas },
  operations: {
    'POST /v1/bookings': {
      operationId: 'createBooking',
      summary: 'Make a booking',
      description:
        'The booking and its event are written in one transaction; the event goes out unless `notify` is false. ' +
        'Without `duration_min` it lasts as long as its service.',
      initiator: true,
      examples: {
        bodies: {
          online: { ...facts, location_id: 1, starts_at: '2026-12-28T14:00:00+03:00', external_id: 'crm-7421' },
          longer: { ...facts, starts_at: '2026-12-28T16:00:00+03:00', duration_min: 90 },
          imported: { ...facts, starts_at: '2026-10-01T09:00:00Z', allow_overlap: true, notify: false },
        },
      },
      answers: { 201: { description: 'The new booking', schema: booking, example } },
      problems: ['booking_overlap', 'already_exists'],
    },
    'GET /v1/bookings': {
      operationId: 'listBookings',
      summary: 'List bookings',
      examples: { query: { company_id: 1, starts_from: '2026-12-28T00:00:00+03:00', limit: 50 } },
      answers: { 200: { description: 'A page of bookings', schema: pageOf(booking), example: onePage(example) } },
    },
    'GET /v1/bookings/{id}': {
      operationId: 'getBooking',
      summary: 'Get a booking',
      examples: { params: { id: 1 } },
      answers: { 200: { description: 'The booking', schema: booking, example } },
    },
    ...bookingScheduleOperations,
    'PATCH /v1/bookings/{id}': {
      operationId: 'changeBooking',
      summary: 'Move a booking',
      description: `${MERGE_PATCH} What people need to know of it is told to them.`,
      initiator: true,
      examples: { params: { id: 1 }, bodies: { later: { starts_at: '2026-12-29T14:00:00+03:00' } } },
      answers: {
        200: {
          description: 'The booking as it is now',
          schema: booking,
          example: {
            ...example,
            ...{ starts_at: '2026-12-29T11:00:00.000Z', ends_at: '2026-12-29T12:00:00.000Z', version: 2 },
          },
        },
      },
      problems: ['booking_closed', 'booking_overlap', 'already_exists'],
    },
    'POST /v1/bookings/{id}/confirm': {
      operationId: 'confirmBooking',
      summary: 'Say that the client comes',
      description:
        'As the button of the reminder that asks them: the client is not reminded to confirm, nor are the admins told to call. ' +
        'It holds for the present start, and leaves the version. As often as you like.',
      initiator: true,
      examples: { params: { id: 1 } },
      answers: {
        200: {
          description: 'The booking as it is now',
          schema: booking,
          example: { ...example, confirmed_at: NOW },
        },
      },
      problems: ['booking_closed'],
    },
    'POST /v1/bookings/{id}/cancel': ending('cancelBooking', 'Cancel a booking', 'cancelled', 1),
    'POST /v1/bookings/{id}/complete': ending('completeBooking', 'Say that the visit took place', 'completed', 2),
    'POST /v1/bookings/{id}/no-show': ending('noShowBooking', 'Say that the client did not come', 'no_show', 3),
  },
};
