import { z } from 'zod';
import { BOOKING_EVENT_TYPES, CHANNELS, RECIPIENT_ROLES } from '../../domain/events.ts';
import { id } from '../fields.ts';

export const SETTING_CHANNELS = ['all', ...CHANNELS] as const;

/** What can be set of a notification setting, alone or in the matrix of a company. */
export const settingFields = {
  event_type: z.enum(BOOKING_EVENT_TYPES),
  recipient_role: z.enum(RECIPIENT_ROLES),
  channel: z.enum(SETTING_CHANNELS),
  enabled: z.boolean(),
  ad_template_id: id.nullable(),
};
