import { isScope, type Scope } from '../domain/scopes.ts';
import { ApiKey, type ApiKeyRow } from './api-key-entity.ts';
import type { Sql } from './database.ts';
import { findRows } from './rows.ts';
import { changeRows } from './statement.ts';

/** A key with its scopes read. */
export interface StoredApiKey extends Omit<ApiKeyRow, 'scopes'> {
  scopes: Scope[];
}

/** A scope that a newer version gave and this one does not know allows nothing here. */
const readKey = ({ scopes, ...row }: ApiKeyRow): StoredApiKey => ({
  ...row,
  scopes: (JSON.parse(scopes) as string[]).filter(isScope),
});

type NewKeyRow = Omit<StoredApiKey, 'id' | 'revoked_at' | 'last_used_at'>;

export async function insertApiKey(tx: Sql, row: NewKeyRow): Promise<StoredApiKey> {
  const unused = { revoked_at: null, last_used_at: null };
  const id = await tx.insert(ApiKey, { ...row, ...unused, scopes: JSON.stringify(row.scopes) });
  return { ...row, ...unused, id };
}

/** All keys that there ever were, or those of a company. */
export async function listApiKeys(sql: Sql, company_id?: number): Promise<StoredApiKey[]> {
  const where = company_id === undefined ? {} : { company_id };
  return (await findRows(sql, ApiKey, where, { orderBy: { id: 'asc' } })).map(readKey);
}

/** Expired ones too: that is for the moment of use to judge. */
export async function unrevokedApiKeys(sql: Sql): Promise<StoredApiKey[]> {
  return (await findRows(sql, ApiKey, { revoked_at: null }, { disableIdentityMap: true })).map(readKey);
}

/** Changes whenever a key comes, goes or is revoked: nothing else that counts ever changes in a key. */
export async function apiKeysVersion(sql: Sql): Promise<string> {
  const count = 'SELECT COUNT(*) AS n, MAX(id) AS newest, COUNT(revoked_at) AS revoked FROM api_keys';
  return JSON.stringify(await sql.execute(count));
}

/** False when there is no such key, or it was revoked before. */
export async function revokeApiKey(tx: Sql, id: number, now: Date): Promise<boolean> {
  const sql = 'UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL';
  return (await changeRows(tx, sql, [now, id])) > 0;
}

/**
 * Keeps the latest of all that processes tell; in one order, so that two of them never wait for each other.
 * @param uses by key id
 */
export async function markApiKeysUsed(tx: Sql, uses: readonly (readonly [number, Date])[]): Promise<void> {
  const sql = 'UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)';
  for (const [id, at] of uses.toSorted(([a], [b]) => a - b)) await changeRows(tx, sql, [at, id, at]);
}
