/** How a plain statement gives dates: SQLite as milliseconds, PostgreSQL as text with an offset. */
export type StoredDate = number | string;
/** How a plain statement gives booleans: SQLite as 0 or 1. */
export type StoredBoolean = 0 | 1 | boolean;

export const dateOf = (stored: StoredDate): Date => new Date(stored);

export const booleanOf = (stored: StoredBoolean): boolean => stored === true || stored === 1;
