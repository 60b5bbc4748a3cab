import { Migration } from '@mikro-orm/migrations';
import { columnWords } from './dialect.ts';

/**
 * `companies.no_show_ladder` is null where clients are not asked whether they come. A confirmation holds for the time
 * `bookings.confirmed_starts_at`: while the booking starts elsewhen it is only a memory. Without a setting nobody would hear of what is not confirmed, so
 * companies of before get the default rows.
 */
export class NoShowLadder extends Migration {
  override up(): void {
    const { datetime, yes, no } = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      'ALTER TABLE companies ADD COLUMN no_show_ladder TEXT',
      `ALTER TABLE bookings ADD COLUMN confirmed_at ${datetime}`,
      `ALTER TABLE bookings ADD COLUMN confirmed_starts_at ${datetime}`,
      `INSERT INTO notification_settings (event_type, recipient_role, channel, enabled, ad_template_id, company_id)
        SELECT 'booking_unconfirmed', roles.recipient_role, 'all', roles.enabled, NULL, c.id
        FROM companies c CROSS JOIN (SELECT 'client' AS recipient_role, ${yes} AS enabled
          UNION ALL SELECT 'specialist', ${no} UNION ALL SELECT 'admin', ${yes}) roles
        WHERE NOT EXISTS (
          SELECT 1 FROM notification_settings s WHERE s.company_id = c.id AND s.event_type = 'booking_unconfirmed'
        )`,
    ])
      this.addSql(statement);
  }
}
