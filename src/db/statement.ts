import type { EntityManager } from '@mikro-orm/core';

export type Value = string | number | boolean | Date | null;

interface Changes {
  affectedRows: number;
}

/** SQL that MikroORM has no words for, in `em`'s transaction if it has one. Both databases must understand it. */
export async function changeRows(em: EntityManager, sql: string, values: readonly Value[]): Promise<number> {
  const changes: Changes = await em.getConnection().execute(sql, [...values], 'run', em.getTransactionContext());
  return changes.affectedRows;
}

/** `(?, ?), (?, ?)` for two rows of two columns. */
export const placeholders = (rows: number, columns: number): string =>
  Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(', ')})`).join(', ');

/** That a column has none of so many values, which may be none at all. */
export const noneOf = (column: string, values: number): string =>
  values === 0 ? 'TRUE' : `${column} NOT IN ${placeholders(1, values)}`;

/** How many rows one statement takes: enough to share its cost, short enough to keep its text small. */
const MAX_ROWS = 500;

export function* chunksOf<T>(rows: readonly T[]): Generator<T[]> {
  for (let start = 0; start < rows.length; start += MAX_ROWS) yield rows.slice(start, start + MAX_ROWS);
}
