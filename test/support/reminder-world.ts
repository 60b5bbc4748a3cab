import assert from 'node:assert/strict';
import { type BookingService, createBookingService } from '#src/bookings/booking-service.ts';
import type { Database, Sql } from '#src/db/database.ts';
import { dueBookings } from '#src/db/due-bookings.ts';
import { Booking, Company } from '#src/db/entities.ts';
import { askForPass, continuePass, openPasses } from '#src/db/reminder-passes.ts';
import { deleteOldReminders } from '#src/db/reminder-records.ts';
import { encodeRules } from '#src/db/reminder-rules.ts';
import { dateOf, type StoredDate } from '#src/db/stored-values.ts';
import { bookingEventSchema, SYSTEM_INITIATOR } from '#src/domain/events.ts';
import { offsetKey, type ReminderOffset } from '#src/domain/reminder-offsets.ts';
import { dueAt, type ReminderRule, rulesWith } from '#src/domain/reminders.ts';
import { remindDue } from '#src/reminders/remind-due.ts';
import { createHeldUpReminders } from './held-up-reminders.ts';
import { bookingRow, insertCompany } from './rows.ts';

const PAGE = 5;

/** What the test knows of a booking by what it did, not by what the database says. */
interface Standing {
  id: number;
  starts_at: Date;
  set_at: Date;
  /** Of the change that set the start. */
  version: number;
  lastVersion: number;
  isOpen: boolean;
}

type Decided = { booking_id: number; version: number; offset_key: string; due_at: StoredDate; state: string };

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
  let told = new Set<string>();
  const heldUp = createHeldUpReminders<Standing>(database);

  const service: BookingService = createBookingService({
    database,
    clock: () => now,
    newId: () => `event-${++eventNumber}`,
    onCommitted: () => undefined,
  });

  async function setRules(offsets: readonly ReminderOffset[]): Promise<void> {
    rules = rulesWith(rules, offsets, now);
    await database.write(async (tx) => {
      await tx.nativeUpdate(Company, { id: company_id }, { reminders: encodeRules(rules), time_zone: zone });
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

  /** What has come into the outbox; it is settled by that. */
  async function takeReminders() {
    const rows = await database.read().execute<{ event: string }[]>('SELECT event FROM outbox ORDER BY id');
    await database.write((tx) => tx.execute('DELETE FROM outbox'));
    const events = rows.map(({ event }) => bookingEventSchema.parse(JSON.parse(event)));
    return events.filter(({ type }) => type === 'booking_reminder');
  }

  async function checkEmitted(): Promise<void> {
    const bookings = new Set<number>();
    for (const event of await takeReminders()) {
      const { booking_id, offset, change, initiated_by } = event;
      const standing = standings.find(({ id }) => id === booking_id);
      const row = await database.read().findOneOrFail(Booking, { id: booking_id });
      assert.ok(standing && offset && change);
      const key = `${booking_id}:${standing.version}:${offsetKey(offset)}`;
      assert.ok(standing.isOpen && standing.starts_at > now, `${key} goes though it is over`);
      assert.deepEqual(
        [change.to.starts_at, change.version, change.from],
        [standing.starts_at.toISOString(), standing.lastVersion, null],
      );
      const due = dueAt(offset, { starts_at: standing.starts_at, time_zone: zone });
      const since = rules.find((rule) => offsetKey(rule.offset) === offsetKey(offset))?.since;
      assert.ok(since && due <= now && due > standing.set_at && due > since, `${key} goes though it was not due`);
      assert.ok(!told.has(key), `${key} goes twice`);
      assert.ok(!bookings.has(booking_id), `two of ${booking_id} go at once`);
      assert.deepEqual(initiated_by, { user_id: null, role: 'cron', channel: 'scheduler' });
      told.add(key);
      bookings.add(booking_id);
      heldUp.add({
        event,
        booking: standing,
        facts: { ...row, location_id: row.location_id ?? null },
      });
    }
  }

  /** Whatever was due is decided: it went, or a nearer one did. */
  async function checkComplete(): Promise<void> {
    const decided = await database.read().execute<Decided[]>('SELECT * FROM reminders');
    for (const { id, starts_at, set_at, version, isOpen } of standings) {
      if (!isOpen || starts_at <= now) continue;
      const own = decided.filter((row) => row.booking_id === id && row.version === version);
      for (const { offset, since } of rules) {
        const due = dueAt(offset, { starts_at, time_zone: zone });
        if (due > now || due <= set_at || due <= since) continue;
        const row = own.find(({ offset_key }) => offset_key === offsetKey(offset));
        const what = `${id}:${version}:${offsetKey(offset)}`;
        assert.ok(row, `${what} is missing`);
        if (row.state === 'emitted') assert.ok(told.has(what), `${what} was decided and never went`);
        else {
          const wasDue = dateOf(row.due_at);
          const isNearer = (one: Decided) => one.state === 'emitted' && dateOf(one.due_at) >= wasDue;
          assert.ok(own.some(isNearer), `${what} was skipped for nothing`);
        }
      }
    }
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
      [now, zone, rules, standings, told] = [begin, timeZone, [], [], new Set()];
      heldUp.clear();
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
    remind: setRules,
    async moveTo(timeZone: string) {
      zone = timeZone;
      await setRules(rules.map(({ offset }) => offset));
    },
    /** One scheduler, the other, both at once, or one that is killed in its first page and another behind it. */
    async look(how: string) {
      if (how === 'both') await Promise.all([lookWith(database, false), lookWith(other, false)]);
      if (how === 'crash') await lookWith(other, true).catch(() => undefined);
      await lookWith(how === 'other' ? other : database, false);
      await checkEmitted();
      await checkComplete();
      await heldUp.check(standings, now);
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
