import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysOf } from '#src/domain/venue-clock.ts';
import { bookingBody } from './support/api.ts';
import { CLIENT, openDialogue } from './support/reschedule-dialogue.ts';

const LONG_DAY = { from: '06:30', to: '23:00', breaks: [{ from: '12:00', to: '12:45' }] };
/** With the hour of the night in which the clocks change. */
const NIGHT = { from: '00:30', to: '05:30' };
const WEEKLY = {
  monday: LONG_DAY,
  tuesday: LONG_DAY,
  wednesday: { from: '10:00', to: '14:00' },
  thursday: LONG_DAY,
  sunday: NIGHT,
};

const CASES = [
  { change: 'forward', month: '2027-03', night: '2027-03-28', starts_at: '2027-03-09T09:00:00Z', dayOff: '2027-03-11' },
  { change: 'back', month: '2027-10', night: '2027-10-31', starts_at: '2027-10-05T09:00:00Z', dayOff: '2027-10-07' },
];

for (const { change, month, night, starts_at, dayOff } of CASES)
  test(`the dialogue offers what GET /v1/slots does, on every day of a month in which the clocks go ${change}`, async (t) => {
    const { api, salon, bot, id, schedule, press, shown, start } = await openDialogue(t);
    const { specialist_id, service_id, location_id } = salon;
    await api.ok('PATCH', `/v1/locations/${location_id}`, { time_zone: 'Europe/Berlin' });
    await api.ok('PUT', schedule, { weekly: WEEKLY, days_off: [dayOff] });
    // Months ahead are open as far as the one after the booking's own.
    const monthBefore = new Date(Date.parse(starts_at) - 45 * 86_400_000);
    bot.now = monthBefore;
    await api.ok('PATCH', `/v1/bookings/${id}`, { starts_at });
    const taken = new Date(Date.parse(starts_at) + 4 * 3_600_000).toISOString();
    await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at: taken, duration_min: 90 });

    const slotsOn = async (date: string): Promise<string[]> => {
      const query = `specialist_id=${specialist_id}&service_id=${service_id}&booking_id=${id}&date=${date}`;
      const { items } = await api.ok('GET', `/v1/slots?${query}`);
      const starts = items.map((item: { starts_at: string }) => item.starts_at);
      return starts.filter((start: string) => Date.parse(start) !== Date.parse(starts_at));
    };
    const offered = () => shown(CLIENT).data.filter((data) => data.startsWith('bkr:time:'));
    /** All pages of the day that is being shown. */
    const times = async (): Promise<string[]> => {
      const all = offered();
      while (shown(CLIENT).data.includes('bkr:next')) {
        await press(CLIENT, 'bkr:next');
        all.push(...offered());
      }
      return all.map((data) => new Date(data.slice('bkr:time:'.length)).toISOString());
    };

    await press(CLIENT, ...start);
    const openDays = shown(CLIENT).data.flatMap((data) => /^bkr:day:(.+)$/.exec(data)?.[1] ?? []);
    const counts = new Map<string, number>();
    for (const date of daysOf(month)) {
      const slots = await slotsOn(date);
      assert.equal(openDays.includes(date), slots.length > 0, date);
      if (slots.length === 0) continue;
      counts.set(date, slots.length);
      await press(CLIENT, `bkr:day:${date}`);
      assert.deepEqual(await times(), slots, date);
      await press(CLIENT, 'bkr:back');
    }
    assert.equal(counts.has(dayOff), false);
    assert.equal(Math.max(...counts.values()) > 24, true, 'a day has two pages');
    const nights = [...counts].filter(([date]) => new Date(date).getUTCDay() === 0);
    const usual = nights.find(([date]) => date !== night)?.[1] ?? 0;
    assert.equal(counts.get(night), usual + (change === 'back' ? 2 : -2), 'an hour more or less');
  });
