import { z } from 'zod';
import { type Answer, jsonAnswer } from './answer.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const CURSOR = /^after:([1-9]\d{0,15})$/;

/** Looks like nothing that a caller might make. */
export const encodeCursor = (position: string): string => Buffer.from(position).toString('base64url');

/** The parameter of a list, read by `decode`, which answers null for what is no position in it. */
export const cursorOf = <T>(decode: (position: string) => T | null) =>
  z.string().transform((text, context): T => {
    const position = decode(Buffer.from(text, 'base64url').toString());
    if (position !== null) return position;
    context.addIssue('must be a next_cursor of this list');
    return z.NEVER;
  });

const cursor = cursorOf((position) => {
  const [, id] = CURSOR.exec(position) ?? [];
  return id === undefined ? null : Number(id);
});

const limit = z
  .string()
  .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_LIMIT))
  .meta({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, description: 'How many items at most' });

/** The parameters that every list takes. */
export const pageQuery = { limit: limit.default(DEFAULT_LIMIT), cursor: cursor.optional() };

export interface PageRequest {
  limit: number;
  /** The last id that the caller has seen. */
  cursor?: number | undefined;
}

/** What a query adds to find one page. */
export interface PageWindow {
  where: { id?: { $gt: number } };
  options: { orderBy: { id: 'asc' }; limit: number };
}

/** A page in the order of ids: rows that come or go meanwhile neither repeat nor hide another. */
export async function pageOf<Row extends { id: number }>(
  { limit, cursor }: PageRequest,
  find: (window: PageWindow) => Promise<Row[]>,
): Promise<{ items: Row[]; next_cursor: string | null }> {
  const rows = await find({
    where: cursor === undefined ? {} : { id: { $gt: cursor } },
    // One more tells whether there is a next page.
    options: { orderBy: { id: 'asc' }, limit: limit + 1 },
  });
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next_cursor: last ? encodeCursor(`after:${last.id}`) : null };
}

/** The same as an answer. */
export async function answerPage<Row extends { id: number }>(
  request: PageRequest,
  find: (window: PageWindow) => Promise<Row[]>,
  view: (row: Row) => unknown,
): Promise<Answer> {
  const { items, next_cursor } = await pageOf(request, find);
  return jsonAnswer(200, { items: items.map(view), next_cursor });
}
