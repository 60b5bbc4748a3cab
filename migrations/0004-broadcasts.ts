import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * Broadcasts and the chunks they are cut into. A chunk keeps its people, so that it is known who is missing in the log however
 * the audience changes meanwhile; they stand in its last column, for SQLite then reads the others without them. The outbox
 * carries both lanes from here on.
 */
export class Broadcasts extends Migration {
  override up(): void {
    const { id, bigId, boolean, datetime, no } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      'ALTER TABLE companies ADD COLUMN ad_advertiser TEXT',
      'ALTER TABLE companies ADD COLUMN ad_marking_token TEXT',
      `ALTER TABLE outbox ADD COLUMN lane TEXT NOT NULL DEFAULT 'p2p'`,
      'CREATE INDEX users_company_id ON users (company_id, id)',
      `CREATE TABLE broadcasts (
        id ${id},
        company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
        status TEXT NOT NULL,
        audience TEXT NOT NULL,
        content TEXT NOT NULL,
        ad_template_id INTEGER REFERENCES ad_templates (id),
        allow_paid ${boolean} NOT NULL DEFAULT ${no},
        is_test ${boolean} NOT NULL DEFAULT ${no},
        initiated_by TEXT NOT NULL,
        send_at ${datetime} NOT NULL,
        audience_size INTEGER,
        last_user_id INTEGER,
        cut_up_to INTEGER NOT NULL DEFAULT 0,
        others_cut_up_to INTEGER NOT NULL DEFAULT 0,
        chunks INTEGER NOT NULL DEFAULT 0,
        is_cut ${boolean} NOT NULL DEFAULT ${no},
        created_at ${datetime} NOT NULL,
        started_at ${datetime},
        finished_at ${datetime},
        CONSTRAINT broadcasts_status_check CHECK (status IN ('scheduled', 'running', 'paused', 'completed', 'cancelled'))
      )`,
      'CREATE INDEX broadcasts_company ON broadcasts (company_id, id)',
      `CREATE INDEX broadcasts_active ON broadcasts (send_at) WHERE status IN ('scheduled', 'running')`,
      'CREATE INDEX broadcasts_ad_template ON broadcasts (ad_template_id) WHERE ad_template_id IS NOT NULL',
      `CREATE TABLE broadcast_chunks (
        id ${bigId},
        broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        state TEXT NOT NULL,
        is_of_others ${boolean} NOT NULL DEFAULT ${no},
        first_user_id INTEGER NOT NULL,
        last_user_id INTEGER NOT NULL,
        asked_since ${datetime} NOT NULL,
        size INTEGER NOT NULL,
        offers INTEGER NOT NULL,
        due_at ${datetime},
        counts TEXT NOT NULL,
        finished_at ${datetime},
        user_ids TEXT NOT NULL,
        CONSTRAINT broadcast_chunks_unique UNIQUE (broadcast_id, number),
        CONSTRAINT broadcast_chunks_state_check CHECK (state IN ('offered', 'waiting', 'finished'))
      )`,
      'CREATE INDEX broadcast_chunks_others ON broadcast_chunks (broadcast_id, last_user_id) WHERE is_of_others',
      `CREATE INDEX broadcast_chunks_open ON broadcast_chunks (broadcast_id, number) WHERE state <> 'finished'`,
    ])
      this.addSql(statement);
  }
}
