import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * What the delivery log is asked for, what stays of it in the end, and people who are no more than an id. Each index of the
 * log is in the order in which it is listed. On PostgreSQL an operator may have made them beforehand, without holding up writers
 * (docs/operations.md, "Upgrades").
 */
export class DeliveryLog extends Migration {
  override up(): void {
    const { bigint, datetime } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      'CREATE INDEX IF NOT EXISTS deliveries_company ON deliveries (company_id, finished_at, id)',
      'CREATE INDEX IF NOT EXISTS deliveries_user ON deliveries (user_id, finished_at, id)',
      'CREATE INDEX IF NOT EXISTS deliveries_booking ON deliveries (booking_id, finished_at, id) WHERE booking_id IS NOT NULL',
      `CREATE TABLE delivery_totals (
        company_id INTEGER NOT NULL,
        day TEXT NOT NULL,
        event_type TEXT NOT NULL,
        channel TEXT NOT NULL,
        status TEXT NOT NULL,
        deliveries ${bigint} NOT NULL,
        PRIMARY KEY (company_id, day, event_type, channel, status)
      )`,
      `ALTER TABLE users ADD COLUMN erased_at ${datetime}`,
      'CREATE INDEX IF NOT EXISTS users_erased ON users (erased_at) WHERE erased_at IS NOT NULL',
      'CREATE INDEX IF NOT EXISTS bot_updates_chat ON bot_updates (chat_id)',
      'CREATE INDEX IF NOT EXISTS used_links_account ON used_links (tg_id)',
    ])
      this.addSql(statement);
  }
}
