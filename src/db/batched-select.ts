import { createBatcher } from '#streams/batcher.ts';
import type { Database } from './database.ts';
import { placeholders, type Value } from './statement.ts';

/** Small enough for each size's statement to stay prepared, large enough for its cost to be shared. */
const MAX_ASKED = 16;

/**
 * A read that answers all the questions of one tick with one statement. The statement begins after they were asked and
 * nothing is kept, so nobody gets a fact that is older than the question.
 * @param sql begins with a list of values (`WITH asked (n, …) AS ({asked})`) and selects `n` with each row
 * @param columns of `asked` behind `n`
 */
export function createBatchedSelect<Ask, Row extends { n: number }>(options: {
  database: Pick<Database, 'read'>;
  sql: string;
  columns: number;
  valuesOf(ask: Ask): Value[];
}): (ask: Ask) => Promise<Row[]> {
  const { database, columns, valuesOf } = options;
  const statements = Array.from({ length: MAX_ASKED + 1 }, (_, asked) =>
    options.sql.replace('{asked}', `VALUES ${placeholders(asked, columns + 1)}`),
  );

  const batcher = createBatcher<Ask, Row[]>({
    maxSize: MAX_ASKED,
    async flush(asks) {
      const statement = statements[asks.length] ?? '';
      const values = asks.flatMap((ask, n) => [n, ...valuesOf(ask)]);
      const answers = asks.map((): Row[] => []);
      for (const row of await database.read().execute<Row[]>(statement, values)) answers[row.n]?.push(row);
      return answers;
    },
  });
  return (ask) => batcher.add(ask);
}
