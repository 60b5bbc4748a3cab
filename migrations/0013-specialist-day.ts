import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * `companies.next_day_list_at` is when somebody must look at the company's lists again: no list that was due before is sent.
 * While they are being sent, `day_list_after` is the specialist up to whom they are. `day_lists` keeps whose list was
 * decided, so that nobody gets a second one. Companies of before get lists from this moment on.
 */
export class SpecialistDay extends Migration {
  override up(): void {
    const platform = this.driver.getPlatform();
    const { datetime } = columnWords(platform.constructor.name);
    for (const statement of [
      `ALTER TABLE companies ADD COLUMN day_list_at TEXT DEFAULT '08:00'`,
      `ALTER TABLE companies ADD COLUMN next_day_list_at ${datetime}`,
      'ALTER TABLE companies ADD COLUMN day_list_after INTEGER NOT NULL DEFAULT 0',
      `UPDATE companies SET next_day_list_at = ${platform.quoteValue(new Date())}`,
      `CREATE INDEX companies_next_day_list ON companies (next_day_list_at) WHERE next_day_list_at IS NOT NULL`,
      `CREATE TABLE day_lists (
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        date TEXT NOT NULL,
        company_id INTEGER NOT NULL,
        event_id TEXT NOT NULL,
        decided_at ${datetime} NOT NULL,
        PRIMARY KEY (user_id, date)
      )`,
      'CREATE INDEX day_lists_age ON day_lists (decided_at)',
    ])
      this.addSql(statement);
  }
}
