import assert from 'node:assert/strict';
import type { Database } from '#src/db/database.ts';
import { dateOf, type StoredDate } from '#src/db/stored-values.ts';
import { type BookingEvent, bookingEventSchema } from '#src/domain/events.ts';
import { earlyKey, offsetKey } from '#src/domain/reminder-offsets.ts';
import { dueAt, type ReminderRule } from '#src/domain/reminders.ts';
import type { AskedClients } from './asked-clients.ts';
import { createReminderPost } from './reminder-post.ts';
import type { ReminderReaders } from './reminder-readers.ts';

/** What the test knows of a booking by what it did, not by what the database says. */
export interface Standing {
  id: number;
  starts_at: Date;
  set_at: Date;
  /** Of the change that set the start. */
  version: number;
  lastVersion: number;
  isOpen: boolean;
}

/** How everything is by what the test did. */
export interface Known {
  now: Date;
  /** Of the venue. */
  zone: string;
  rules: readonly ReminderRule[];
  standings: readonly Standing[];
}

type Decided = Record<'due_at' | 'decided_at', StoredDate> & {
  booking_id: number;
  version: number;
  offset_key: string;
  state: string;
};

/** Asked after each look: whatever was due is decided, and whatever went out was right, in time, and went once. */
export function createReminderChecks(deps: { database: Database; readers: ReminderReaders; asked: AskedClients }) {
  const { database, readers, asked } = deps;
  const post = createReminderPost<Standing>(database);
  let told = new Set<string>();
  const seen = { everybodys: 0, early: 0, questions: 0, push: 0, call: 0 };

  /** What has come into the outbox; it is settled by that. */
  async function takeEvents(): Promise<BookingEvent[]> {
    const rows = await database.read().execute<{ event: string }[]>('SELECT event FROM outbox ORDER BY id');
    await database.write((tx) => tx.execute('DELETE FROM outbox'));
    const events = rows.map(({ event }) => bookingEventSchema.parse(JSON.parse(event)));
    return events.filter(({ type }) => type === 'booking_reminder' || type === 'booking_unconfirmed');
  }

  async function checkEmitted(known: Known): Promise<void> {
    const going = new Set<string>();
    for (const event of await takeEvents()) {
      const { booking_id, change, initiated_by, only_user, step } = event;
      const standing = known.standings.find(({ id }) => id === booking_id);
      assert.ok(standing && change);
      assert.deepEqual(
        [change.to.starts_at, change.version, change.from],
        [standing.starts_at.toISOString(), standing.lastVersion, null],
      );
      assert.deepEqual(initiated_by, { user_id: null, role: 'cron', channel: 'scheduler' });
      if (step !== undefined) {
        asked.checkStep({ ...standing, zone: known.zone }, step, known.now);
        seen[step] += 1;
      } else {
        const one = `${booking_id} ${only_user}`;
        assert.ok(!going.has(one), `two of ${one} go at once`);
        going.add(one);
        await checkReminder(event, standing, known);
      }
    }
  }

  async function checkReminder(event: BookingEvent, standing: Standing, known: Known): Promise<void> {
    const { offset, only_user } = event;
    const { now, zone, rules } = known;
    const rule = rules.find((one) => offset !== undefined && offsetKey(one.offset) === offsetKey(offset));
    const key = `${standing.id}:${standing.version}:${JSON.stringify(offset)}`;
    assert.ok(offset !== undefined && rule, `${key} goes though nobody asked for it`);
    assert.ok(standing.isOpen && standing.starts_at > now, `${key} goes though it is over`);
    const start = { ...standing, zone, rules };
    const to = readers.addressees(only_user);
    if (only_user !== undefined) for (const one of to) readers.checkEarly(one, rule, start, now);
    else {
      const due = dueAt(offset, { starts_at: standing.starts_at, time_zone: zone });
      assert.ok(due <= now && due > standing.set_at && due > rule.since, `${key} goes though it was not due`);
      assert.ok(!told.has(key), `${key} goes twice`);
      told.add(key);
    }
    for (const one of to) {
      if (!(await post.post(event, standing, one, now))) continue;
      const isQuestion = one.audience === 'client' && asked.isQuestion(offset);
      seen[only_user === undefined ? 'everybodys' : 'early'] += 1;
      readers.hear(one, offset, start, { isEarly: only_user !== undefined, isQuestion });
      if (!isQuestion) continue;
      asked.hear(start, offset, now);
      seen.questions += 1;
    }
  }

  async function checkComplete({ standings, now, zone, rules }: Known): Promise<void> {
    const decided = await database.read().execute<Decided[]>('SELECT * FROM reminders');
    for (const standing of standings) {
      if (!standing.isOpen || standing.starts_at <= now) continue;
      const { id, version } = standing;
      const own = decided.filter((row) => row.booking_id === id && row.version === version);
      const start = { ...standing, zone, rules };
      for (const rule of rules) checkDecided(rule, start, own, now);
      for (const [offset, user] of readers.dueEarly(start, now)) {
        const keys = [offsetKey(offset), earlyKey(offsetKey(offset), user)];
        assert.ok(
          own.some(({ offset_key }) => keys.includes(offset_key)),
          `${id}:${version} ${keys[1]} is missing`,
        );
      }
      asked.checkComplete(start, now);
    }
  }

  /** It went, or a nearer one did; and its people have heard of it. */
  function checkDecided(
    { offset, since }: ReminderRule,
    start: Standing & Pick<Known, 'zone' | 'rules'>,
    own: readonly Decided[],
    now: Date,
  ): void {
    const due = dueAt(offset, { starts_at: start.starts_at, time_zone: start.zone });
    if (due > now || due <= start.set_at || due <= since) return;
    const row = own.find(({ offset_key }) => offset_key === offsetKey(offset));
    const what = `${start.id}:${start.version}:${JSON.stringify(offset)}`;
    assert.ok(row, `${what} is missing`);
    if (row.state === 'emitted') assert.ok(told.has(what), `${what} was decided and never went`);
    else {
      const wasDue = dateOf(row.due_at);
      const isNearer = (one: Decided) => one.state === 'emitted' && dateOf(one.due_at) >= wasDue;
      assert.ok(own.some(isNearer), `${what} was skipped for nothing`);
    }
    // By the clocks of that look.
    if (dateOf(row.decided_at).getTime() !== now.getTime()) return;
    readers.checkHeard(offset, start, new Map(own.map((one) => [one.offset_key, dateOf(one.due_at)])));
  }

  return {
    /** How often what is checked came about. */
    seen: (): Readonly<typeof seen> => seen,
    forget(): void {
      post.clear();
      told = new Set();
    },
    async check(known: Known): Promise<void> {
      await checkEmitted(known);
      await checkComplete(known);
      await post.check(known.now);
    },
  };
}
