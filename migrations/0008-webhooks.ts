import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * Where companies want to be told, and what they are told: log and queue in one. A message that is `pending` without
 * `next_attempt_at` is on its way; the partial indexes have no row of what was delivered. The messages of an endpoint that is
 * deleted are too many for one commit: it is marked, and housekeeping deletes them and then its row.
 */
export class Webhooks extends Migration {
  override up(): void {
    const { id, bigId, boolean, datetime, yes } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      `CREATE TABLE webhook_endpoints (
        id ${id},
        company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
        url TEXT NOT NULL,
        event_types TEXT NOT NULL,
        secret TEXT NOT NULL,
        old_secret TEXT,
        old_secret_until ${datetime},
        enabled ${boolean} NOT NULL DEFAULT ${yes},
        created_at ${datetime} NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        failing_since ${datetime},
        held_until ${datetime},
        last_error TEXT,
        disabled_at ${datetime},
        disabled_reason TEXT,
        deleted_at ${datetime}
      )`,
      'CREATE INDEX webhook_endpoints_company ON webhook_endpoints (company_id, id)',
      `CREATE TABLE webhook_messages (
        id ${bigId},
        public_id TEXT NOT NULL,
        endpoint_id INTEGER NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
        company_id INTEGER NOT NULL,
        type TEXT NOT NULL,
        payload TEXT NOT NULL,
        status TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        offers INTEGER NOT NULL DEFAULT 0,
        last_status INTEGER,
        last_error TEXT,
        created_at ${datetime} NOT NULL,
        next_attempt_at ${datetime},
        delivered_at ${datetime},
        CONSTRAINT webhook_messages_public_id_unique UNIQUE (public_id),
        CONSTRAINT webhook_messages_status_check CHECK (status IN ('pending', 'delivered', 'failed'))
      )`,
      `CREATE INDEX webhook_messages_pending ON webhook_messages (endpoint_id, next_attempt_at, id) WHERE status = 'pending'`,
      'CREATE INDEX webhook_messages_company ON webhook_messages (company_id, id)',
      'CREATE INDEX webhook_messages_endpoint ON webhook_messages (endpoint_id, id)',
      `CREATE INDEX webhook_messages_company_failed ON webhook_messages (company_id, id) WHERE status = 'failed'`,
      `CREATE INDEX webhook_messages_endpoint_failed ON webhook_messages (endpoint_id, id) WHERE status = 'failed'`,
      'CREATE INDEX webhook_messages_age ON webhook_messages (created_at)',
    ])
      this.addSql(statement);
  }
}
