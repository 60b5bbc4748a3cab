import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/** Keys that belong to one company each. Of the key itself only its hash is kept, and the beginning that lists show. */
export class ApiKeys extends Migration {
  override up(): void {
    const { id, datetime } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      `CREATE TABLE api_keys (
        id ${id},
        company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        hash TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at ${datetime} NOT NULL,
        expires_at ${datetime},
        revoked_at ${datetime},
        last_used_at ${datetime},
        CONSTRAINT api_keys_prefix_unique UNIQUE (prefix)
      )`,
      'CREATE INDEX api_keys_company ON api_keys (company_id, id)',
    ])
      this.addSql(statement);
  }
}
