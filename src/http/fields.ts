import { z } from 'zod';

/** The largest id that fits an `integer` column of PostgreSQL. */
const MAX_ID = 2 ** 31 - 1;

export const id = z.int().min(1).max(MAX_ID);

/** An id in a path or a query. */
export const idText = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, 'must be a whole number')
  .transform(Number)
  .pipe(id);

export const idParams = z.strictObject({ id: idText });

/** `max` counts characters (code points). Blank text, NUL and halves of surrogate pairs are refused: they cannot be stored or shown. */
export const text = (max: number) =>
  z.string().superRefine((value, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (value.trim() === '') refuse('must not be empty');
    else if (value.length > max && [...value].length > max) refuse(`must have at most ${max} characters`);
    else if (value.includes('\0') || !value.isWellFormed()) refuse('must be valid Unicode text without NUL');
  });

/** The caller's own id of a thing. */
export const externalId = text(255);

/** ISO 8601 with a time zone; becomes a Date. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be ISO 8601 with a time zone, such as 2026-01-28T14:00:00+03:00' })
  .transform((value) => new Date(value));

/** An instant in a query, where an unescaped plus sign arrives as a space. */
export const instantText = z
  .string()
  .transform((value) => value.replace(/ (?=\d\d:?\d\d$)/, '+'))
  .pipe(instant);

export const booleanText = z.enum(['true', 'false']).transform((value) => value === 'true');
