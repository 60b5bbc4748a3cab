/** How a plain statement gives dates: SQLite as milliseconds, PostgreSQL as text with an offset. */
export type StoredDate = number | string;
/** How a plain statement gives booleans: SQLite as 0 or 1. */
export type StoredBoolean = 0 | 1 | boolean;

export const dateOf = (stored: StoredDate): Date => new Date(stored);

export const dateOrNull = (stored: StoredDate | null): Date | null => (stored === null ? null : dateOf(stored));

export const booleanOf = (stored: StoredBoolean): boolean => stored === true || stored === 1;

/** PostgreSQL has no year 0, its driver writes no year of five digits, and what it gives of the first century is read as of ours. */
const EARLIEST_MS = Date.parse('1900-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether both databases give it back as it was. */
export const isStorable = (at: Date): boolean => at.getTime() >= EARLIEST_MS && at.getTime() <= LATEST_MS;

/** The nearest that can be looked for: no row is before or behind it. */
export const nearestStorable = (at: Date): Date => new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, at.getTime())));
