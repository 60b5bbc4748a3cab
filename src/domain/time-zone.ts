import { IANAZone } from 'luxon';

/**
 * Accepts `UTC` and the Area/Location names of the IANA time zone database that this runtime knows. Offsets
 * (`+03:00`) and abbreviations (`EST`, `CET`) are refused: they do not follow a place's changes of clock.
 */
export function isTimeZone(name: string): boolean {
  return name === 'UTC' || (name.includes('/') && IANAZone.isValidZone(name));
}
