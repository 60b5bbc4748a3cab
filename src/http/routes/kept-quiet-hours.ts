import { DEFAULT_QUIET_HOURS, decodeQuietHours, encodeQuietHours, type QuietHours } from '../../domain/quiet-hours.ts';
import type { KeptField } from './resource.ts';

/** A user's quiet hours, of which a change may name one kind alone: RFC 7396, what is not named stays. */
export const keptQuietHours: KeptField = {
  store: (value, before) => encodeQuietHours({ ...hoursOf(before), ...(value as Partial<QuietHours>) }),
  show: hoursOf,
};

function hoursOf(stored: unknown): QuietHours {
  return typeof stored === 'string' ? decodeQuietHours(stored) : DEFAULT_QUIET_HOURS;
}
