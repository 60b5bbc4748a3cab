import assert from 'node:assert/strict';
import { planDayLists } from '#src/day-lists/plan-day-lists.ts';
import { sendDayLists } from '#src/day-lists/send-day-lists.ts';
import type { Database } from '#src/db/database.ts';
import { Booking, Company, User } from '#src/db/entities.ts';
import { specialistDayEventSchema } from '#src/domain/day-lists.ts';
import { dateAt, wallClock } from '#src/domain/venue-clock.ts';
import { bookingRow, insertCompany } from './rows.ts';

const SPECIALISTS = 5;
/** Fewer than the specialists: every day takes several pages. */
const ROOM = 2;

/**
 * One company under a clock of its own, with looks of one or two schedulers. After each look what went is compared with what was
 * done: everybody with a booking to come gets one list of each day on which somebody looked after its hour.
 */
export type DayListWorld = Awaited<ReturnType<typeof openDayListWorld>>;

export async function openDayListWorld(databases: readonly Database[]) {
  const [database, other = database] = databases as [Database, Database?];
  const ids = await database.write(insertCompany);
  const { company_id } = ids;
  const person = { company_id, role: 'specialist', locale: 'ru', ads_opt_out: false, created_at: new Date(0) } as const;
  const specialists = [ids.specialist_id];
  while (specialists.length < SPECIALISTS)
    specialists.push(await database.write((tx) => tx.insert(User, { ...person, name: 'x' })));
  let now = new Date(0);
  let zone = 'UTC';
  let hour: string | null = null;
  /** Lists that were due before are not owed. */
  let since = now;
  let events = 0;
  let standing: { id: number; specialist_id: number; starts_at: Date }[] = [];
  let told = new Set<string>();
  /** Who had bookings at each look at a day until their list went: who gets the first of the day later, or another when that is over, is owed no list. */
  let owed = new Map<string, number[]>();

  async function set(day_list_at: string | null, time_zone: string): Promise<void> {
    [hour, zone, since] = [day_list_at, time_zone, now];
    const change = { day_list_at, time_zone, next_day_list_at: now, day_list_after: 0 };
    await database.write((tx) => tx.nativeUpdate(Company, { id: company_id }, change));
  }

  /** One page of a scheduler, which may die before its commit; answers whether there was anything to do. */
  async function page(sql: Database, dies = false): Promise<boolean> {
    const pages = await planDayLists(sql.read(), now, ROOM);
    if (pages.length === 0) return false;
    await sql.write(async (tx) => {
      await sendDayLists(tx, pages, { now, newId: () => `list-${++events}` });
      if (dies) throw new Error('killed before the commit');
    });
    return true;
  }

  async function lookWith(sql: Database): Promise<void> {
    while (await page(sql));
  }

  /** By the clock of now; null before its hour. */
  function owedDate(): string | null {
    if (hour === null) return null;
    const date = dateAt(now, zone);
    const [hours = 0, minutes = 0] = hour.split(':').map(Number);
    const due = wallClock(date, zone).from(hours * 60 + minutes);
    return due <= now && due >= since && dateAt(due, zone) === date ? date : null;
  }

  const specialistsOf = (date: string): number[] =>
    standing
      .filter(({ starts_at }) => starts_at > now && dateAt(starts_at, zone) === date)
      .map(({ specialist_id }) => specialist_id);

  async function check(): Promise<void> {
    const rows = await database.read().execute<{ event: string }[]>('SELECT event FROM outbox ORDER BY id');
    await database.write((tx) => tx.execute('DELETE FROM outbox'));
    const date = owedDate();
    for (const { event } of rows) {
      const { user_id, date: told_date, initiated_by, ts } = specialistDayEventSchema.parse(JSON.parse(event));
      const key = `${user_id} ${told_date}`;
      assert.ok(!told.has(key), `${key} goes twice`);
      assert.equal(told_date, date, `${key} goes though it is not due`);
      assert.ok(specialistsOf(told_date).includes(user_id), `${key} goes with nothing in it`);
      assert.deepEqual([initiated_by.role, ts], ['cron', Math.floor(now.getTime() / 1000)]);
      told.add(key);
    }
  }

  return {
    async beginAgain(begin: Date, timeZone: string, at: string) {
      [now, standing, told, owed] = [begin, [], new Set(), new Map()];
      await database.write(async (tx) => {
        for (const table of ['outbox', 'bookings', 'day_lists']) await tx.execute(`DELETE FROM ${table}`);
      });
      await set(at, timeZone);
    },
    wait(ms: number) {
      now = new Date(now.getTime() + Math.round(ms));
    },
    async book(n: number, inMs: number) {
      const specialist_id = specialists[n % SPECIALISTS] ?? 0;
      const starts_at = new Date(now.getTime() + Math.round(inMs));
      const id = await database.write((tx) => tx.insert(Booking, { ...bookingRow(ids, starts_at), specialist_id }));
      standing.push({ id, specialist_id, starts_at });
    },
    async cancel(n: number) {
      const one = standing[n % Math.max(1, standing.length)];
      if (!one) return;
      standing = standing.filter((each) => each !== one);
      await database.write((tx) => tx.nativeUpdate(Booking, { id: one.id }, { status: 'cancelled' }));
    },
    sendAt: (at: string | null) => set(at, zone),
    moveTo: (timeZone: string) => set(hour, timeZone),
    /** One scheduler, the other, both at once, one that is killed before its first commit and another behind it, or one that is killed behind it. */
    async look(how: string) {
      const date = owedDate();
      const day = `${date} ${since.getTime()}`;
      const busy = date === null ? [] : specialistsOf(date);
      owed.set(day, owed.get(day)?.filter((id) => busy.includes(id)) ?? busy);
      if (how === 'half') await page(database);
      if (how === 'both') await Promise.all([lookWith(database), lookWith(other)]);
      if (how === 'crash') await page(other, true).catch(() => undefined);
      if (how !== 'half') await lookWith(how === 'other' ? other : database);
      await check();
      if (how === 'half' || date === null) return;
      const missing = specialistsOf(date).filter((id) => owed.get(day)?.includes(id) && !told.has(`${id} ${date}`));
      assert.deepEqual(missing, [], `lists of ${date} are missing`);
    },
    told: () => told.size,
  };
}
