import { Migration } from '@mikro-orm/migrations';

/** A broadcast goes out long after the request that made it: its trace goes with it. */
export class Traces extends Migration {
  override up(): void {
    this.addSql('ALTER TABLE broadcasts ADD COLUMN trace TEXT');
  }
}
