import { DateTime } from 'luxon';
import type { Locale } from '../domain/events.ts';

/** The month is a word in English: readers of 01/02 disagree on which is which. */
const FORMATS: Record<Locale, string> = { ru: 'dd.MM.yyyy HH:mm', en: 'd LLL yyyy, HH:mm' };

const DATES: Record<Locale, string> = { ru: 'dd.MM.yyyy', en: 'd LLL yyyy' };

/** @throws {RangeError} the runtime does not know the zone. */
export function formatVenueTime(at: Date, timeZone: string, locale: Locale): string {
  return format(at, timeZone, FORMATS[locale], locale);
}

/** @throws {RangeError} the runtime does not know the zone. */
export function formatVenueDate(at: Date, timeZone: string, locale: Locale): string {
  return format(at, timeZone, DATES[locale], locale);
}

/** @throws {RangeError} the runtime does not know the zone. */
export function formatVenueClock(at: Date, timeZone: string): string {
  return format(at, timeZone, 'HH:mm', 'en');
}

function format(at: Date, timeZone: string, pattern: string, locale: Locale): string {
  const local = DateTime.fromJSDate(at, { zone: timeZone });
  if (!local.isValid) throw new RangeError(`${local.invalidExplanation ?? local.invalidReason} (${timeZone})`);
  return local.toFormat(pattern, { locale });
}
