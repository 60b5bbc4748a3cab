import { defineEntity } from '@mikro-orm/core';
import type { Row } from './rows.ts';

export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: (p) => ({
    id: p.integer().primary(),
    company_id: p.integer(),
    /** What its owner calls it. */
    name: p.text(),
    /** The beginning of the key, by which it is looked up and recognised; unique, and no secret. */
    prefix: p.text(),
    /** SHA-256 of the whole key, in hex. */
    hash: p.text(),
    /** Scope[] as JSON. */
    scopes: p.text(),
    created_at: p.datetime(),
    expires_at: p.datetime().nullable(),
    revoked_at: p.datetime().nullable(),
    /** To the minute. */
    last_used_at: p.datetime().nullable(),
  }),
});
export type ApiKeyRow = Row<typeof ApiKey>;
