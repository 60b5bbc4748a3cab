import { DateTime } from 'luxon';
import type { Locale } from '../domain/events.ts';

/** The month is a word in English: readers of 01/02 disagree on which is which. */
const FORMATS: Record<Locale, string> = { ru: 'dd.MM.yyyy HH:mm', en: 'd LLL yyyy, HH:mm' };

/** @throws {RangeError} the runtime does not know the zone. */
export function formatVenueTime(at: Date, timeZone: string, locale: Locale): string {
  const local = DateTime.fromJSDate(at, { zone: timeZone });
  if (!local.isValid) throw new RangeError(`${local.invalidExplanation ?? local.invalidReason} (${timeZone})`);
  return local.toFormat(FORMATS[locale], { locale });
}
