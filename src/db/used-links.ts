import type { Database, Sql } from './database.ts';
import { changeRows } from './statement.ts';

/** False when the link had been used before, by this account or another. */
export async function markLinkUsed(
  tx: Sql,
  { token_hash, tg_id, expires_at }: { token_hash: string; tg_id: number; expires_at: Date },
): Promise<boolean> {
  const insert = 'INSERT INTO used_links (token_hash, tg_id, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
  return (await changeRows(tx, insert, [token_hash, tg_id, expires_at])) > 0;
}

/** Deletes up to `limit` spent links that would have expired by now; answers how many there were. */
export const deleteExpiredLinks = (database: Database, now: Date, limit: number): Promise<number> =>
  database.write((tx) =>
    changeRows(
      tx,
      'DELETE FROM used_links WHERE id IN (SELECT id FROM used_links WHERE expires_at < ? ORDER BY expires_at LIMIT ?)',
      [now, limit],
    ),
  );
