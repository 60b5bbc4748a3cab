import { type QuietHours, quietAt } from './quiet-hours.ts';
import { earlyKey, offsetKey, type ReminderOffset } from './reminder-offsets.ts';
import { rememberedClocks, type WallClocks } from './venue-clock.ts';

/** So long before their quiet hours people hear what would fall into them. */
const BEFORE_QUIET_MS = 10 * 60_000;

/** Whose quiet hours count: the client's and the specialist's. */
export interface RemindedReader {
  user_id: number;
  quiet_hours: QuietHours;
  /** By which these are. */
  time_zone: string;
}

interface Ordinary {
  offset: ReminderOffset;
  since: Date;
  due_at: Date;
}

/** A reminder that goes to one person alone, before the quiet hours into which everybody's would fall for them. */
export type EarlyReminder<Item extends Ordinary> = Item & {
  key: string;
  only_user: number;
  /** When their quiet hours begin: from then on it waits for its own time, and comes without a sound. */
  quiet_from: Date;
};

/**
 * Those that would be due after the start was set, and the reminder asked for; of the others nothing is told early.
 * @param start_set_at when the booking was made, or last moved to another time
 */
export function earlyReminders<Item extends Ordinary>(
  items: readonly Item[],
  readers: readonly RemindedReader[],
  start_set_at: Date,
  clocks: WallClocks = rememberedClocks(),
): EarlyReminder<Item>[] {
  return items.flatMap((item) =>
    readers.flatMap((reader) => {
      const quiet_from = quietAt(reader, 'messages', item.due_at, clocks)?.from;
      if (!quiet_from) return [];
      const due_at = new Date(quiet_from.getTime() - BEFORE_QUIET_MS);
      if (due_at <= start_set_at || due_at <= item.since) return [];
      const key = earlyKey(offsetKey(item.offset), reader.user_id);
      return [{ ...item, key, due_at, only_user: reader.user_id, quiet_from }];
    }),
  );
}
