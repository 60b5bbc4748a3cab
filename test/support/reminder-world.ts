import assert from 'node:assert/strict';
import { type BookingService, createBookingService } from '#src/bookings/booking-service.ts';
import type { Database, Sql } from '#src/db/database.ts';
import { dueBookings } from '#src/db/due-bookings.ts';
import { Booking, Company } from '#src/db/entities.ts';
import { encodeLadder } from '#src/db/no-show-ladder.ts';
import { askForPass, continuePass, openPasses } from '#src/db/reminder-passes.ts';
import { deleteOldReminders } from '#src/db/reminder-records.ts';
import { encodeRules } from '#src/db/reminder-rules.ts';
import { dateOrNull, type StoredDate } from '#src/db/stored-values.ts';
import { SYSTEM_INITIATOR } from '#src/domain/events.ts';
import type { NoShowLadder } from '#src/domain/no-show-ladder.ts';
import { offsetKey, type ReminderOffset } from '#src/domain/reminder-offsets.ts';
import { type ReminderRule, rulesWith } from '#src/domain/reminders.ts';
import { remindDue } from '#src/reminders/remind-due.ts';
import { createAskedClients } from './asked-clients.ts';
import { createReminderChecks, type Standing } from './reminder-checks.ts';
import { createReminderReaders, type Habits } from './reminder-readers.ts';
import { bookingRow, insertCompany } from './rows.ts';

const PAGE = 5;

/**
 * One company under a clock of its own, with real bookings and looks of one or two schedulers. Every look is checked against what
 * was done: whatever was due is decided, and whatever goes out is right, in time, and goes once.
 */
export type ReminderWorld = Awaited<ReturnType<typeof openReminderWorld>>;

export async function openReminderWorld(databases: readonly Database[]) {
  const [database, other = database] = databases as [Database, Database?];
  const ids = await database.write(insertCompany);
  const { company_id } = ids;
  let now = new Date(0);
  let eventNumber = 0;
  let zone = 'UTC';
  let rules: ReminderRule[] = [];
  let standings: Standing[] = [];
  const readers = createReminderReaders(database, ids);
  const asked = createAskedClients(readers);
  const checks = createReminderChecks({ database, readers, asked });

  const service: BookingService = createBookingService({
    database,
    clock: () => now,
    newId: () => `event-${++eventNumber}`,
    onCommitted: () => undefined,
  });

  /** The reminder that asks stays among them, as the API has it. */
  async function setRules(offsets: readonly ReminderOffset[], ladder = asked.ladder()): Promise<void> {
    const isKept = !ladder || offsets.some((offset) => offsetKey(offset) === offsetKey(ladder.ask));
    rules = rulesWith(rules, isKept ? offsets : [...offsets, ladder.ask], now);
    const standing = asked.setLadder(ladder, now);
    const no_show_ladder = standing && encodeLadder(standing);
    await database.write(async (tx) => {
      const change = { reminders: encodeRules(rules), no_show_ladder, time_zone: zone };
      await tx.nativeUpdate(Company, { id: company_id }, change);
      await askForPass(tx, company_id);
    });
  }

  const open = (n: number): Standing | undefined => {
    const all = standings.filter(({ isOpen }) => isOpen);
    return all[n % Math.max(1, all.length)];
  };

  const found = (sql: Database, room = PAGE) => dueBookings(sql.read(), now, { room, underWay: new Map() });

  async function lookWith(sql: Database, fails: boolean): Promise<void> {
    for (let left = await openPasses(sql.read(), 20); left.length > 0; left = await openPasses(sql.read(), 20))
      for (const id of left) await sql.write((tx) => continuePass(tx, id, now, 2));
    for (let due = await found(sql); due.length > 0; ) {
      await sql.write(async (tx) => {
        await remindDue(tx, due, { now, newId: () => `reminder-${++eventNumber}` });
        if (fails) throw new Error('killed before the commit');
      });
      due = await found(sql);
    }
  }

  /** One scheduler, the other, both at once, or one that is killed in its first page and another behind it. */
  async function look(how: string): Promise<void> {
    if (how === 'both') await Promise.all([lookWith(database, false), lookWith(other, false)]);
    if (how === 'crash') await lookWith(other, true).catch(() => undefined);
    await lookWith(how === 'other' ? other : database, false);
    await checks.check({ now, zone, rules, standings });
  }

  async function nextHint(): Promise<Date | null> {
    const [pass] = await openPasses(database.read(), 1);
    if (pass !== undefined) return now;
    const [first] = await database
      .read()
      .execute<{ at: StoredDate | null }[]>('SELECT MIN(next_reminder_at) AS at FROM bookings');
    return dateOrNull(first?.at ?? null);
  }

  const changed = async (one: Standing, change: object): Promise<void> => {
    const input = { allow_overlap: true, notify: false, ...change };
    const after = await database.write((tx) => service.reschedule(tx, one.id, input, SYSTEM_INITIATOR));
    one.lastVersion = after.version;
    if (after.starts_at.getTime() === one.starts_at.getTime()) return;
    Object.assign(one, { starts_at: after.starts_at, set_at: now, version: after.version });
  };

  return {
    in: (ms: number) => new Date(now.getTime() + Math.round(ms)),
    wait(ms: number) {
      now = new Date(now.getTime() + ms);
    },
    /** An empty company at another time. */
    async beginAgain(begin: Date, timeZone: string, offsets: readonly ReminderOffset[]) {
      [now, zone, rules, standings] = [begin, timeZone, [], []];
      checks.forget();
      readers.forget();
      asked.forget();
      await database.write(async (tx) => {
        for (const table of ['outbox', 'bookings', 'reminder_passes']) await tx.execute(`DELETE FROM ${table}`);
      });
      assert.equal(await this.recorded(), 0); // they went with their bookings
      await setRules(offsets);
      now = new Date(begin.getTime() + 1);
    },
    async book(inMs: number) {
      const times = { starts_at: new Date(now.getTime() + Math.round(inMs)), duration_min: 60 };
      const input = { ...ids, ...times, location_id: null, external_id: null, allow_overlap: true, notify: false };
      const { id, starts_at } = await database.write((tx) => service.create(tx, input, SYSTEM_INITIATOR));
      standings.push({ id, starts_at, set_at: now, version: 1, lastVersion: 1, isOpen: true });
    },
    async bookMany(count: number, inMs: number) {
      for (let n = 0; n < count; n += 1) await this.book(inMs);
    },
    async change(n: number, change: object) {
      const one = open(n);
      if (one) await changed(one, change);
    },
    async end(n: number, how: string) {
      const one = open(n);
      if (!one) return;
      await database.write(async (tx) => {
        if (how === 'cancel') await service.cancel(tx, one.id, SYSTEM_INITIATOR);
        else if (how === 'complete') await service.complete(tx, one.id);
        else await service.noShow(tx, one.id);
      });
      one.isOpen = false;
    },
    remind: (offsets: readonly ReminderOffset[]) => setRules(offsets),
    /** With one of the reminders that there are; null for the one that asks already, where one does. */
    async ask(n: number | null, minutes: Omit<NoShowLadder, 'ask'> | null) {
      const offsets = rules.map(({ offset }) => offset);
      const ask = (n === null && asked.ladder()?.ask) || offsets[(n ?? 0) % offsets.length];
      await setRules(offsets, minutes && ask !== undefined ? { ask, ...minutes } : null);
    },
    async confirm(n: number) {
      const one = open(n);
      if (!one || one.starts_at <= now) return;
      await database.write((tx) => service.confirm(tx, one.id));
      asked.confirm(one);
    },
    sleep: (who: 'client' | 'specialist', habits: Habits) => readers.change(who, habits, now),
    async moveTo(timeZone: string) {
      zone = timeZone;
      await setRules(rules.map(({ offset }) => offset));
    },
    look,
    seen: checks.seen,
    /** One scheduler is at it all the while: it looks whenever there is something to look at. */
    async run(ms: number) {
      const until = new Date(now.getTime() + ms);
      for (let next = await nextHint(); next !== null && next <= until; next = await nextHint()) {
        if (next > now) now = next;
        await look('one');
      }
      now = until;
    },
    async due(most: number): Promise<{ id: number; company_id: number }[]> {
      const due = await found(database, most);
      return await database.read().find(Booking, { id: { $in: due } }, { fields: ['id', 'company_id'] });
    },
    /** With a booking that is due now. */
    async anotherCompany(): Promise<number> {
      return await database.write(async (tx) => {
        const theirs = await insertCompany(tx);
        const row = { ...bookingRow(theirs, new Date(now.getTime() + 7_200_000)), next_reminder_at: now };
        await tx.insert(Booking, row);
        return theirs.company_id;
      });
    },
    /** How many bookings each page of a pass set. */
    async passPages(limit: number): Promise<number[]> {
      const pages: number[] = [];
      const waiting = async (sql: Sql) =>
        (await sql.find(Booking, { next_reminder_at: { $ne: null } }, { fields: ['id'] })).length;
      for (let before = await waiting(database.read()); (await openPasses(database.read(), 1)).length > 0; ) {
        await database.write((tx) => continuePass(tx, company_id, now, limit));
        const after = await waiting(database.read());
        pages.push(after - before);
        before = after;
      }
      return pages;
    },
    recorded: async (): Promise<number> => (await database.read().execute('SELECT booking_id FROM reminders')).length,
    forget: (ageMs: number) => deleteOldReminders(database, new Date(now.getTime() - ageMs), 100),
  };
}
