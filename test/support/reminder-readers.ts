import assert from 'node:assert/strict';
import type { Database } from '#src/db/database.ts';
import { setQuietHours } from '#src/db/preferences.ts';
import { lookAtRemindersOf } from '#src/db/quiet-changes.ts';
import { changeRows } from '#src/db/statement.ts';
import { type QuietHours, quietAt } from '#src/domain/quiet-hours.ts';
import { offsetKey, type ReminderOffset } from '#src/domain/reminder-offsets.ts';
import { dueAt, type ReminderRule } from '#src/domain/reminders.ts';
import type { Addressee } from './reminder-post.ts';

const BEFORE_QUIET_MS = 600_000;
const NO_HOURS: QuietHours = { broadcasts: null, messages: null };

/** Quiet hours by a clock of their own; null for the company's. */
export interface Habits {
  quiet_hours: QuietHours;
  time_zone: string | null;
}

/** One start of a booking, and what its company asks for. */
export interface RemindedStart {
  id: number;
  version: number;
  starts_at: Date;
  set_at: Date;
  /** Of the venue. */
  zone: string;
  rules: readonly ReminderRule[];
}

interface Told {
  to: Addressee['audience'];
  start: string;
  /** More than one where it went early and stands for others of that night. */
  offsets: readonly ReminderOffset[];
}

const nameOf = ({ id, version }: RemindedStart): string => `${id}:${version}`;

export type ReminderReaders = ReturnType<typeof createReminderReaders>;

/** The client and the specialist of a world's bookings, with their nights, and what each has been told. */
export function createReminderReaders(
  database: Database,
  ids: Record<'company_id' | `${Addressee['audience']}_id`, number>,
) {
  const people: readonly Addressee[] = [
    { user_id: ids.client_id, audience: 'client' },
    { user_id: ids.specialist_id, audience: 'specialist' },
  ];
  const habits: Record<Addressee['audience'], Habits> = { client: noHabits(), specialist: noHabits() };
  let told: Told[] = [];

  function nightOf(audience: Addressee['audience'], at: Date, zone: string) {
    const { quiet_hours, time_zone } = habits[audience];
    return quietAt({ quiet_hours, time_zone: time_zone ?? zone }, 'messages', at);
  }

  const quietFor = ({ audience }: Addressee, at: Date, zone: string): Date | null =>
    nightOf(audience, at, zone)?.from ?? null;

  /** From when, and until when, they hear it early; null where everybody's wakes nobody. */
  function earlySpan(to: Addressee, offset: ReminderOffset, start: RemindedStart): { goesAt: Date; from: Date } | null {
    const from = quietFor(to, dueOf(offset, start), start.zone);
    return from && { goesAt: new Date(from.getTime() - BEFORE_QUIET_MS), from };
  }

  /** It is to go early, and can. */
  function isEarlyNow(to: Addressee, { offset, since }: ReminderRule, start: RemindedStart, now: Date): boolean {
    const span = earlySpan(to, offset, start);
    if (!span || span.goesAt > now || now >= span.from) return false;
    return span.goesAt > start.set_at && span.goesAt > since;
  }

  /** Those of the rules that go early to them at the same moment as this one. */
  function together(to: Addressee, offset: ReminderOffset, start: RemindedStart): ReminderOffset[] {
    const { goesAt } = earlySpan(to, offset, start) ?? assert.fail();
    return start.rules
      .filter((rule) => earlySpan(to, rule.offset, start)?.goesAt.getTime() === goesAt.getTime() && rule.since < goesAt)
      .map((rule) => rule.offset);
  }

  return {
    /** The quiet hours that the client is in at a moment. */
    clientsNight: (at: Date, zone: string) => nightOf('client', at, zone),
    addressees: (only_user: number | undefined) =>
      people.filter(({ user_id }) => only_user === undefined || user_id === only_user),
    forget(): void {
      told = [];
    },
    async change(audience: Addressee['audience'], { quiet_hours, time_zone }: Habits, now: Date): Promise<void> {
      const { user_id: id } = people.find((one) => one.audience === audience) ?? assert.fail();
      habits[audience] = { quiet_hours, time_zone };
      await database.write(async (tx) => {
        await setQuietHours(tx, id, quiet_hours);
        await changeRows(tx, 'UPDATE users SET time_zone = ? WHERE id = ?', [time_zone, id]);
        await lookAtRemindersOf(tx, { id, company_id: ids.company_id }, now);
      });
    },
    /** One that goes to a single person goes shortly before their quiet hours, and for these alone. */
    checkEarly(to: Addressee, rule: ReminderRule, start: RemindedStart, now: Date): void {
      const what = `${nameOf(start)} goes early to the ${to.audience}`;
      assert.ok(isEarlyNow(to, rule, start, now), `${what} at a wrong time`);
      assert.equal(quietFor(to, now, start.zone), null, `${what} in their quiet hours`);
    },
    /** Those reminders, with the people, that are to go early now. */
    dueEarly: (start: RemindedStart, now: Date): [ReminderOffset, number][] =>
      start.rules.flatMap((rule) =>
        people
          .filter((to) => isEarlyNow(to, rule, start, now))
          .map(({ user_id }): [ReminderOffset, number] => [rule.offset, user_id]),
      ),
    hear(
      to: Addressee,
      offset: ReminderOffset,
      start: RemindedStart,
      { isEarly, isQuestion }: { isEarly: boolean; isQuestion: boolean },
    ): void {
      const own = told.filter((one) => one.to === to.audience && one.start === nameOf(start));
      // What asks comes though another one stood for it.
      const had = own.flatMap(({ offsets }) => (isQuestion ? offsets.slice(0, 1) : offsets)).map(offsetKey);
      assert.ok(
        !had.includes(offsetKey(offset)),
        `${nameOf(start)} ${offsetKey(offset)} told twice to the ${to.audience}`,
      );
      const others = isEarly ? together(to, offset, start) : [];
      told.push({ to: to.audience, start: nameOf(start), offsets: [offset, ...others] });
    },
    /**
     * Everybody has been told what was decided now, or what stands for it.
     * @param dueThen of those that were decided for everybody, when they were due by the clocks of then
     */
    checkHeard(offset: ReminderOffset, start: RemindedStart, dueThen: ReadonlyMap<string, Date>): void {
      const due = (one: ReminderOffset) => dueThen.get(offsetKey(one)) ?? dueOf(one, start);
      for (const { audience } of people) {
        const own = told.filter((one) => one.to === audience && one.start === nameOf(start));
        const isCovered = own.flatMap(({ offsets }) => offsets).some((one) => due(one) >= due(offset));
        assert.ok(isCovered, `${nameOf(start)} ${offsetKey(offset)} is told to no ${audience}`);
      }
    },
  };
}

const noHabits = (): Habits => ({ quiet_hours: NO_HOURS, time_zone: null });

const dueOf = (offset: ReminderOffset, { starts_at, zone }: RemindedStart): Date =>
  dueAt(offset, { starts_at, time_zone: zone });
