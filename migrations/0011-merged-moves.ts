import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * `move_windows` has a row for each booking whose move was told a moment ago: until `closes_at` what moves it further waits in `held`.
 * `deliveries.merged_versions` says which moves became one message.
 */
export class MergedMoves extends Migration {
  override up(): void {
    const { datetime } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      'ALTER TABLE companies ADD COLUMN merge_moves_s INTEGER NOT NULL DEFAULT 5',
      'ALTER TABLE deliveries ADD COLUMN merged_versions TEXT',
      `CREATE TABLE move_windows (
        booking_id INTEGER PRIMARY KEY REFERENCES bookings (id) ON DELETE CASCADE,
        company_id INTEGER NOT NULL,
        closes_at ${datetime} NOT NULL,
        told_id TEXT,
        held TEXT
      )`,
      'CREATE INDEX move_windows_due ON move_windows (closes_at)',
    ])
      this.addSql(statement);
  }
}
