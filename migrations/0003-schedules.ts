import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/** Working hours of a person or of a location; whoever has none of their own works by others' or by the default. */
export class Schedules extends Migration {
  override up(): void {
    const { bigId, datetime } = columnWords(this.driver.getPlatform().constructor.name);
    this.addSql(`CREATE TABLE schedules (
      id ${bigId},
      user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
      location_id INTEGER REFERENCES locations (id) ON DELETE CASCADE,
      hours TEXT NOT NULL,
      updated_at ${datetime} NOT NULL,
      CONSTRAINT schedules_user_unique UNIQUE (user_id),
      CONSTRAINT schedules_location_unique UNIQUE (location_id),
      CONSTRAINT schedules_owner_check CHECK ((user_id IS NULL) <> (location_id IS NULL))
    )`);
  }
}
