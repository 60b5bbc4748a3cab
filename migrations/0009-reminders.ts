import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * `bookings.next_reminder_at` is when somebody must look at the booking's reminders again; its index holds those alone that will
 * be looked at. `reminders` keeps what was decided of each time at which a booking was to begin, under the version that set it there first
 * (`start_version`). Companies of before get the
 * default reminders from this moment on, and a pass over the bookings of those that have some to come sets when each is looked at.
 */
export class Reminders extends Migration {
  override up(): void {
    const { datetime, moment } = columnWords(this.driver.getPlatform().constructor.name);
    const now = new Date();
    const since = now.toISOString();
    const reminders = JSON.stringify([1440, 120].map((offset) => ({ offset, since })));
    for (const statement of [
      `ALTER TABLE companies ADD COLUMN reminders TEXT NOT NULL DEFAULT '[]'`,
      `UPDATE companies SET reminders = '${reminders}'`,
      'ALTER TABLE bookings ADD COLUMN start_version INTEGER NOT NULL DEFAULT 1',
      `ALTER TABLE bookings ADD COLUMN moved_at ${datetime}`,
      `ALTER TABLE bookings ADD COLUMN next_reminder_at ${datetime}`,
      `CREATE INDEX bookings_next_reminder ON bookings (company_id, next_reminder_at)
        WHERE next_reminder_at IS NOT NULL`,
      `CREATE TABLE reminders (
        booking_id INTEGER NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        starts_at ${datetime} NOT NULL,
        offset_key TEXT NOT NULL,
        due_at ${datetime} NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        event_id TEXT,
        decided_at ${datetime} NOT NULL,
        PRIMARY KEY (booking_id, version, offset_key),
        CONSTRAINT reminders_state_check CHECK (state IN ('emitted', 'skipped'))
      )`,
      'CREATE INDEX reminders_age ON reminders (decided_at)',
      `CREATE TABLE reminder_passes (
        company_id INTEGER PRIMARY KEY REFERENCES companies (id) ON DELETE CASCADE,
        starts_at ${datetime},
        booking_id INTEGER NOT NULL
      )`,
      `INSERT INTO reminder_passes (company_id, starts_at, booking_id) SELECT c.id, NULL, 0 FROM companies c
        WHERE EXISTS (SELECT 1 FROM bookings b
          WHERE b.company_id = c.id AND b.starts_at >= ${moment(now)} AND b.status = 'created')`,
    ])
      this.addSql(statement);
  }
}
