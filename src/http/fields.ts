import { z } from 'zod';
import { isStorable, nearestStorable } from '../db/stored-values.ts';

/** The largest id that fits an `integer` column of PostgreSQL. */
const MAX_ID = 2 ** 31 - 1;

export const id = z.int().min(1).max(MAX_ID);

/** An id in a path or a query. What `meta` says is for the API's description, which has JSON's types there too. */
export const idText = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, 'must be a whole number')
  .transform(Number)
  .pipe(id)
  .meta({ type: 'integer', minimum: 1, maximum: MAX_ID });

export const idParams = z.strictObject({ id: idText });

/** `max` counts characters (code points). NUL and halves of surrogate pairs are refused: they cannot be stored or shown. */
export const textUpTo = (max: number) =>
  z
    .string()
    .superRefine((value, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', message });
      if (value.length > max && [...value].length > max) refuse(`must have at most ${max} characters`);
      else if (value.includes('\0') || !value.isWellFormed()) refuse('must be valid Unicode text without NUL');
    })
    .meta({ maxLength: max });

/** As `textUpTo`, and not blank. */
export const text = (max: number) =>
  textUpTo(max)
    .refine((value) => value.trim() !== '', 'must not be empty')
    .meta({ minLength: 1, maxLength: max });

/** Characters of HTML with its tags. */
export const HTML_SOURCE_MAX_LENGTH = 50_000;

/** @param check says what is wrong with it, null for nothing */
export const telegramHtml = (check: (html: string) => string | null) =>
  text(HTML_SOURCE_MAX_LENGTH).superRefine((html, context) => {
    const message = check(html);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** The caller's own id of a thing. */
export const externalId = text(255);

/** What a text column may equal. No value has a NUL, and PostgreSQL refuses to look for one. */
export const textFilter = z.string().refine((value) => !value.includes('\0'), 'must be valid Unicode text without NUL');

const anyInstant = z.iso
  .datetime({
    offset: true,
    error: ({ input }) =>
      input === undefined ? 'is required' : 'must be ISO 8601 with a time zone, such as 2026-01-28T14:00:00+03:00',
  })
  .transform((value) => new Date(value));

/** ISO 8601 with a time zone; becomes a Date. */
export const instant = anyInstant.refine(isStorable, 'must be in the years 1900 to 9999');

/** An instant in a query, where an unescaped plus sign arrives as a space. */
export const instantText = z
  .string()
  .transform((value) => value.replace(/ (?=\d\d:?\d\d$)/, '+'))
  .pipe(anyInstant)
  .transform(nearestStorable)
  .meta({ format: 'date-time' });

/** A duration in a query. */
export const minutesText = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'must be a whole number')
  .transform(Number)
  .meta({ type: 'integer', minimum: 1, maximum: 9999 });

export const booleanText = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .meta({ type: 'boolean' });
