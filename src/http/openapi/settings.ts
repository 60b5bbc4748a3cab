import { z } from 'zod';
import { BOOKING_EVENT_TYPES, CHANNELS, RECIPIENT_ROLES } from '../../domain/events.ts';
import type { Area } from './operation.ts';
import { id } from './shapes.ts';

export const setting = z.strictObject({
  id,
  event_type: z.enum(BOOKING_EVENT_TYPES),
  recipient_role: z.enum(RECIPIENT_ROLES),
  channel: z.enum(['all', ...CHANNELS]),
  enabled: z.boolean(),
  ad_template_id: id.nullable(),
  company_id: id,
});

const { id: _id, company_id: _company, ...cell } = setting.shape;
export const matrix = z.strictObject({ settings: z.array(z.strictObject(cell)) });
const matrixExample = {
  settings: [
    { event_type: 'booking_created', recipient_role: 'client', channel: 'all', enabled: true, ad_template_id: 1 },
    { event_type: 'booking_created', recipient_role: 'admin', channel: 'all', enabled: false, ad_template_id: null },
  ],
};

export const matrixOperations: Area['operations'] = {
  'GET /v1/companies/{id}/notification-settings': {
    operationId: 'getNotificationMatrix',
    summary: 'Get all notification settings of a company',
    examples: { params: { id: 1 } },
    answers: { 200: { description: 'All of them, as PUT takes them', schema: matrix, example: matrixExample } },
  },
  'PUT /v1/companies/{id}/notification-settings': {
    operationId: 'setNotificationMatrix',
    summary: 'Set all notification settings of a company',
    description: 'In one transaction; what is not named is deleted, and so off. `channel` is `all` unless given.',
    examples: { params: { id: 2 }, bodies: { quiet: { settings: [matrixExample.settings[1]] } } },
    answers: { 200: { description: 'All of them, as they are now', schema: matrix, example: matrixExample } },
  },
};
