import assert from 'node:assert/strict';
import { insertApiKey } from '#src/db/api-keys.ts';
import { SCOPES, type Scope } from '#src/domain/scopes.ts';
import { digestOf, newApiKey, prefixOf } from '#src/keys/api-key.ts';
import type { Reply, TestApi } from './api.ts';
import { eventually } from './eventually.ts';

export interface TestKey {
  id: number;
  /** As `api.call`, with this key. */
  call: TestApi['call'];
  headers: { authorization: string };
}

/** A key of the company, known to the server already. */
export async function makeKey(
  api: TestApi,
  company_id: number,
  { scopes = [...SCOPES], expires_at = null }: { scopes?: Scope[]; expires_at?: Date | null } = {},
): Promise<TestKey> {
  const key = newApiKey();
  const { id } = await api.database.write((tx) =>
    insertApiKey(tx, {
      ...{ company_id, name: 'crm', prefix: prefixOf(key), hash: digestOf(key).toString('hex'), scopes },
      ...{ created_at: new Date(), expires_at },
    }),
  );
  const headers = { authorization: `Bearer ${key}` };
  const call: TestApi['call'] = (method, path, body, more) => api.call(method, path, body, { ...headers, ...more });
  await eventually(async () => assert.notEqual((await call('GET', '/v1/companies')).status, 401));
  return { id, call, headers };
}

/** Asserts a problem document by its code. */
export function assertCode(reply: Reply, status: number, code: string): void {
  assert.deepEqual([reply.status, reply.body?.code], [status, code], JSON.stringify(reply.body));
}
