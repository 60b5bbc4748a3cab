import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

const DEFAULT_HOURS = '{"broadcasts":{"from":"22:00","to":"08:00"},"messages":null}';

/**
 * `users.quiet_hours` holds when ads wait and when messages make no sound, by the clock of `users.time_zone`, null for the
 * company's. A chunk of a broadcast knows how many of its people wait for the end of theirs, and until when the last of them does.
 */
export class QuietHours extends Migration {
  override up(): void {
    const { datetime } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      'ALTER TABLE users ADD COLUMN time_zone TEXT',
      `ALTER TABLE users ADD COLUMN quiet_hours TEXT NOT NULL DEFAULT '${DEFAULT_HOURS}'`,
      'ALTER TABLE broadcast_chunks ADD COLUMN waiting_quiet INTEGER NOT NULL DEFAULT 0',
      `ALTER TABLE broadcast_chunks ADD COLUMN quiet_until ${datetime}`,
    ])
      this.addSql(statement);
  }
}
