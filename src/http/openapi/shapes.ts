import { z } from 'zod';

/** Ids, as answers have them. */
export const id = z.int().min(1);
/** ISO 8601, in UTC with milliseconds. */
export const instant = z.iso.datetime();
export const count = z.int().min(0);

/** One page of a list. */
export const pageOf = (item: z.ZodType) =>
  z.strictObject({
    items: z.array(item),
    next_cursor: z.string().nullable().meta({ description: 'Send it back as `cursor`; null on the last page' }),
  });

export const onePage = (...items: unknown[]) => ({ items, next_cursor: null });

/** When the examples happen. */
export const NOW = '2026-11-23T10:00:00.000Z';

/** Of PATCH. */
export const MERGE_PATCH = 'A JSON merge patch (RFC 7396): changes the members it names; null removes a value.';
