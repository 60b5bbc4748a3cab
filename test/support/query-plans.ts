import type { Database, Sql } from '#src/db/database.ts';

/**
 * How the database would go about the statements of this work, which it does not do.
 * @param answers what the statements give instead, in turn; nothing where there is none
 */
export async function plansOf(
  database: Database,
  work: (sql: Sql) => Promise<unknown>,
  answers: readonly object[][] = [],
): Promise<string[]> {
  const isPostgres = database.read().getPlatform().constructor.name === 'PostgreSqlPlatform';
  const explained = async (sql: Sql): Promise<string[]> => {
    const plans: string[] = [];
    const execute = async (text: string, values: unknown[] = []) => {
      const plan = await sql.execute(`EXPLAIN ${isPostgres ? '' : 'QUERY PLAN '}${text}`, values);
      plans.push(JSON.stringify(plan));
      return Object.assign([...(answers[plans.length - 1] ?? [])], { affectedRows: 0 });
    };
    const spy = { execute, getConnection: () => ({ execute }), getTransactionContext: () => undefined };
    await work(spy as unknown as Sql);
    return plans;
  };
  if (!isPostgres) return await explained(database.read());
  return await database.write(async (tx) => {
    // Tables of a test are so small that PostgreSQL reads them as a whole, if it may.
    await tx.execute('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
    return await explained(tx);
  });
}
