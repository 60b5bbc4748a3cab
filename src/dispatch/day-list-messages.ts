import type { Outcome } from '#actors/outcome.ts';
import { dayListPushOptions, dayListTag } from '../channels/web-push/push-options.ts';
import type { Database } from '../db/database.ts';
import { type DayFacts, dayFacts } from '../db/day-list-reads.ts';
import type { SpecialistDayEvent } from '../domain/day-lists.ts';
import { CHANNELS } from '../domain/events.ts';
import { quietAt } from '../domain/quiet-hours.ts';
import { rememberedClocks } from '../domain/venue-clock.ts';
import type { Links } from '../links/links.ts';
import { type DayList, renderDayList, renderDayPush } from '../messages/day-list.ts';
import type { ReadyMessage } from './ready-message.ts';
import { type Person, type Receipt, suppressed } from './receipt.ts';

/** The list of a specialist's day as it stands now, or why they are not to get it any more. */
export interface DayListMessages {
  read(event: SpecialistDayEvent): Promise<ReadyMessage | Outcome<Receipt>>;
}

/** Whoever gets such a list, gets it as the specialist of its bookings. */
export const specialist = (user_id: number): Person => ({ user_id, role: 'specialist' });

export function createDayListMessages(deps: {
  database: Pick<Database, 'read'>;
  links: Pick<Links, 'bookingUrl'>;
  clock(): Date;
}): DayListMessages {
  const { database, links, clock } = deps;
  const clocks = rememberedClocks();

  function webPushOf(event: SpecialistDayEvent, list: DayList, { endsAt, silent }: { endsAt: Date; silent: boolean }) {
    const [first] = list.items;
    if (!first) return null;
    const { company_id, user_id } = event;
    const { id: booking_id, starts_at } = first;
    const notification = {
      ...renderDayPush(list),
      navigate: links.bookingUrl({ company_id, user_id, booking_id, starts_at, event_type: null }),
      tag: dayListTag(event),
      lang: list.locale,
      ...(silent && { silent }),
    };
    return { notification, options: dayListPushOptions(event, endsAt) };
  }

  function readyMessage(event: SpecialistDayEvent, facts: DayFacts, now: Date): ReadyMessage {
    const { user, endsAt, bookings: items, total, time_zone, company_name, hasSeveralLocations } = facts;
    const list: DayList = {
      ...{ locale: user.locale, now, time_zone, company_name, hasSeveralLocations, items, total },
    };
    const silent = quietAt(user, 'messages', now, clocks) !== null;
    return {
      kind: 'ready',
      person: specialist(event.user_id),
      company_id: event.company_id,
      event,
      channels: CHANNELS,
      tg_id: user.tg_id,
      telegram_unreachable: user.telegram_unreachable,
      toTelegram: () => ({ message: renderDayList(list), card_version: null }),
      toWebPush: () => webPushOf(event, list, { endsAt, silent }),
      silent,
      // Twice is better than never.
      whenUnknown: 'retry',
      onLongWait: 'defer',
      paid: false,
    };
  }

  return {
    async read(event) {
      const now = clock();
      const without = (reason: string): Outcome<Receipt> => ({
        kind: 'done',
        receipt: suppressed(specialist(event.user_id), reason),
      });
      const facts = await dayFacts(database.read(), event, now);
      if (!facts) return without('deleted');
      if (event.date < facts.today) return without('too_late');
      if (event.date > facts.today) return without('not_today');
      return facts.total === 0 ? without('no_bookings') : readyMessage(event, facts, now);
    },
  };
}
