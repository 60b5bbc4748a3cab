import type { z } from 'zod';
import { type FieldError, malformed, Problem } from './problem.ts';

const UNKNOWN_PARAMETER = 'is not a query parameter of this path';
/** An answer names no more of them: a small body can have a hundred thousand wrong fields. */
const MAX_ERRORS = 100;
/** Characters of a field's name that an answer repeats. */
const MAX_FIELD_LENGTH = 200;

/**
 * Zod copies this for every value and sets `async` in the copy (zod 4.6, `_safeParse`): where it is there already, an event is
 * checked in a third of the time.
 */
const PARSING = { error: wording, async: false };

/** @throws {Problem} 422 naming the fields that do not fit. */
export function parseBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value, PARSING);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error.issues, 'is not known here, or cannot be set');
  throw new Problem('validation_failed', summary(errors), { errors });
}

/**
 * Without a schema any parameter is refused, and undefined answered.
 * @throws {Problem} 400 naming the parameters that are unknown, given twice or do not fit.
 */
export function parseQuery<T>(schema: z.ZodType<T> | undefined, query: string): T | undefined {
  if (schema === undefined && query === '') return undefined;
  const given: [string, string][] = [...new URLSearchParams(query)];
  if (schema === undefined) throw malformed(given[0]?.[0].slice(0, MAX_FIELD_LENGTH) ?? 'query', UNKNOWN_PARAMETER);
  const names = new Set<string>();
  for (const [name] of given) {
    if (names.has(name)) throw malformed(name.slice(0, MAX_FIELD_LENGTH), 'is given twice');
    names.add(name);
  }
  const parsed = schema.safeParse(Object.fromEntries(given), PARSING);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error.issues, UNKNOWN_PARAMETER);
  throw new Problem('malformed_request', summary(errors), { errors });
}

const summary = (errors: FieldError[]): string => errors.map(({ field, detail }) => `${field} ${detail}`).join('; ');

/** The first error of each field, of not too many; `unknownDetail` is said of one that the schema does not have. */
function fieldErrors(issues: readonly z.core.$ZodIssue[], unknownDetail: string): FieldError[] {
  const errors = new Map<string, FieldError>();
  for (const issue of issues) {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    for (const key of unknown.slice(0, MAX_ERRORS)) {
      const field = pathOf([...issue.path, key]);
      errors.set(field, { field, detail: unknownDetail });
    }
    const field = pathOf(issue.path);
    if (unknown.length === 0 && !errors.has(field)) errors.set(field, { field, detail: issue.message });
    if (errors.size >= MAX_ERRORS) break;
  }
  return [...errors.values()].slice(0, MAX_ERRORS);
}

const pathOf = (path: PropertyKey[]): string => path.map(String).join('.').slice(0, MAX_FIELD_LENGTH) || 'body';

/** Says what a value must be, in words that follow the field's name. Schemas with words of their own go first. */
function wording(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${typeName(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', Number(issue.maximum))}`;
    default:
      return 'is not valid';
  }
}

function typeName(expected: string): string {
  // JSON knows one kind of number, the API only whole ones.
  if (expected === 'int' || expected === 'number') return 'a whole number';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function bound(origin: string, which: string, limit: number): string {
  if (origin === 'string') return `have ${which} ${limit} characters`;
  if (origin === 'array') return `have ${which} ${limit} items`;
  return `be ${which} ${limit}`;
}
