import { decodeRules, encodeRules } from '../../db/reminder-rules.ts';
import type { ReminderOffset } from '../../domain/reminder-offsets.ts';
import { rulesWith } from '../../domain/reminders.ts';
import type { KeptField } from './resource.ts';

/** A company's reminders: the API tells of their offsets, the column also since when each is asked for. */
export const keptReminders: KeptField = {
  store: (value, before, now) => encodeRules(rulesWith(rulesOf(before), value as readonly ReminderOffset[], now)),
  show: (stored) => rulesOf(stored).map(({ offset }) => offset),
};

const rulesOf = (stored: unknown) => (typeof stored === 'string' ? decodeRules(stored) : []);
