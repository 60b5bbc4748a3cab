import type { ReminderOffset } from '../domain/reminder-offsets.ts';
import type { ReminderRule } from '../domain/reminders.ts';

/** As they stand in `companies.reminders`. */
export const encodeRules = (rules: readonly ReminderRule[]): string => JSON.stringify(rules);

/** @param stored what `encodeRules` wrote */
export function decodeRules(stored: string): ReminderRule[] {
  const rules: { offset: ReminderOffset; since: string }[] = JSON.parse(stored);
  return rules.map(({ offset, since }) => ({ offset, since: new Date(since) }));
}
