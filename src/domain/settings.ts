import type { BookingEventType, Channel, RecipientRole } from './events.ts';

/** What a row of `notification_settings` says; `event_type` and the rest are the column's free text. */
export interface SettingRule {
  event_type: string;
  recipient_role: string;
  /** `all`, or one channel. */
  channel: string;
  enabled: boolean;
  ad_template_id: number | null;
}

export interface SettingKey {
  event_type: BookingEventType;
  recipient_role: RecipientRole;
  channel: Channel;
}

export type Setting = Pick<SettingRule, 'enabled' | 'ad_template_id'>;

const OFF: Setting = Object.freeze({ enabled: false, ad_template_id: null });

/**
 * The row that decides among one company's rows: the channel's own, as a whole (its empty ad template hides that
 * of `all`), else the one for `all`. Without a row the answer is off.
 */
export function settingFor(rows: readonly SettingRule[], key: SettingKey): Setting {
  const row = decidingRow(rows, key);
  return row === undefined ? OFF : { enabled: row.enabled, ad_template_id: row.ad_template_id };
}

/** Undefined where the company has no such row. */
export function decidingRow(rows: readonly SettingRule[], key: SettingKey): SettingRule | undefined {
  const candidates = rows.filter(
    (row) => row.event_type === key.event_type && row.recipient_role === key.recipient_role,
  );
  return (
    candidates.find(({ channel }) => channel === key.channel) ?? candidates.find(({ channel }) => channel === 'all')
  );
}

const ENABLED_BY_DEFAULT: Record<BookingEventType, Record<RecipientRole, boolean>> = {
  booking_created: { admin: true, specialist: true, client: true },
  booking_cancelled: { admin: true, specialist: true, client: true },
  booking_rescheduled: { admin: true, specialist: true, client: true },
  booking_reminder: { admin: false, specialist: true, client: true },
  booking_unconfirmed: { admin: true, specialist: false, client: true },
};

/** The rows that a new company starts with. */
export const DEFAULT_SETTINGS: readonly Readonly<SettingRule>[] = Object.entries(ENABLED_BY_DEFAULT).flatMap(
  ([event_type, roles]) =>
    Object.entries(roles).map(([recipient_role, enabled]) =>
      Object.freeze({ event_type, recipient_role, channel: 'all', enabled, ad_template_id: null }),
    ),
);

/** `valid_until` is the last moment at which the ad is shown; null means without end. */
export function adIsShown(template: { active: boolean; valid_until: Date | null }, now: Date): boolean {
  return template.active && (template.valid_until === null || now.getTime() <= template.valid_until.getTime());
}
