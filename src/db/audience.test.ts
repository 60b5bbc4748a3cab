import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { bookingRow, insertBooking, insertCompany } from '#test/support/rows.ts';
import type { Audience } from '../domain/broadcasts.ts';
import { encodeQuietHours } from '../domain/quiet-hours.ts';
import { countByWay, countMembers, newestUserId, nextMembers } from './audience.ts';
import type { Database } from './database.ts';
import { User } from './entities.ts';

const AT = new Date('2026-01-28T11:00:00Z');

async function withPeople(database: Database, people: Record<string, unknown>[]) {
  const ids = await database.write(insertCompany);
  await database.write(async (tx) => {
    for (const person of people) {
      const row = { company_id: ids.company_id, role: 'client', name: 'x', locale: 'ru', ads_opt_out: false } as const;
      await tx.insert(User, { ...row, created_at: AT, ...person });
    }
  });
  const sql = database.read();
  const upTo = await newestUserId(sql, ids.company_id);
  const range = (audience: Audience) => ({ company_id: ids.company_id, audience, after: 0, upTo });
  const members = async (audience: Audience, limit = 1000) => (await nextMembers(sql, range(audience), limit)).user_ids;
  return { ids, sql, range, members, upTo };
}

describeOnEachDatabase('an audience', ({ open }) => {
  test('is all of the company’s users to whom everything applies', async (t) => {
    const database = await open(t);
    const other = await database.write(insertCompany);
    const { ids, members, upTo } = await withPeople(database, [
      { name: 'a', locale: 'en' },
      { name: 'b', role: 'admin', locale: 'en' },
    ]);
    const everybody = await members({});
    assert.equal(everybody.includes(other.client_id), false);
    assert.deepEqual((await members({ roles: ['admin'], locales: ['en'] })).length, 1);
    assert.deepEqual(await members({ user_ids: [ids.client_id, other.client_id, upTo + 5] }), [ids.client_id]);
    assert.deepEqual(await members({ user_ids: [other.client_id] }), []);
    assert.deepEqual(await members({ roles: ['client'], user_ids: [ids.specialist_id] }), []);
  });

  test('leaves out clients of a booking at that moment or later, unless it was cancelled', async (t) => {
    const database = await open(t);
    const { ids, members } = await withPeople(database, [{ name: 'never came' }]);
    const starts_at = bookingRow(ids).starts_at;
    await database.write((tx) => insertBooking(tx, ids));
    const seenAt = (shiftMs: number) =>
      members({ roles: ['client'], not_seen_since: new Date(starts_at.getTime() + shiftMs).toISOString() });
    assert.equal((await seenAt(0)).includes(ids.client_id), false);
    assert.equal((await seenAt(1)).includes(ids.client_id), true);
    assert.equal((await seenAt(0)).length, (await seenAt(1)).length - 1);
    await database.write((tx) => tx.execute(`UPDATE bookings SET status = 'cancelled'`));
    assert.equal((await seenAt(0)).includes(ids.client_id), true);
  });

  test('comes in pieces, in the order of ids, each person once', async (t) => {
    const database = await open(t);
    const { sql, range, members } = await withPeople(
      database,
      Array.from({ length: 25 }, (_, index) => ({ name: `n${index}`, locale: index % 3 === 0 ? 'en' : 'ru' })),
    );
    const whole = await members({ locales: ['en'] });
    const pieces: number[] = [];
    for (let after = 0; ; ) {
      const { user_ids, lookedUpTo } = await nextMembers(sql, { ...range({ locales: ['en'] }), after }, 2);
      pieces.push(...user_ids);
      if (user_ids.length < 2) break;
      after = lookedUpTo;
    }
    assert.deepEqual(pieces, whole);
    assert.equal(whole.length, 9);
    assert.equal(await countMembers(sql, range({ locales: ['en'] })), 9);
  });

  test('is counted by how it would be reached', async (t) => {
    const database = await open(t);
    const { ids, sql, range } = await withPeople(database, [
      { tg_id: 5 },
      { tg_id: 6, telegram_unreachable: 'blocked' },
      { tg_id: 7, ads_opt_out: true },
      { name: 'browser' },
    ]);
    await database.write(async (tx) => {
      const [browser] = await tx.find(User, { name: 'browser' });
      await tx.execute(
        `INSERT INTO push_subscriptions (company_id, user_id, endpoint, p256dh, auth, vapid_key, created_at)
          VALUES (${ids.company_id}, ${browser?.id}, 'https://push.test/1', 'p', 'a', 'v', ${tx.getPlatform().quoteValue(AT)})`,
      );
    });
    const audience = { roles: ['client'] as const };
    const ways = async (hasPush: boolean) =>
      Object.fromEntries((await countByWay(sql, range(audience), hasPush)).map(({ way, people }) => [way, people]));
    const withPush = await ways(true);
    const without = await ways(false);
    // The company's own client has neither.
    assert.deepEqual(withPush, { telegram: 1, web_push: 1, opted_out: 1, unreachable: 1, no_channel: 1 });
    assert.deepEqual(without, { telegram: 1, opted_out: 1, unreachable: 1, no_channel: 2 });
  });

  test('is counted apart by quiet hours and the clock that they go by', async (t) => {
    const database = await open(t);
    const awake = encodeQuietHours({ broadcasts: null, messages: null });
    const { sql, range } = await withPeople(database, [
      { tg_id: 5 },
      { tg_id: 6, time_zone: 'Asia/Tokyo' },
      { tg_id: 7, time_zone: 'Asia/Tokyo' },
      { tg_id: 8, quiet_hours: awake },
    ]);
    const counted = await countByWay(sql, range({ roles: ['client'] }), false);
    assert.deepEqual(
      counted
        .filter(({ way }) => way === 'telegram')
        .map(({ quiet_hours, time_zone, people }) => [quiet_hours.broadcasts?.from ?? null, time_zone, people])
        .sort(),
      [
        [null, 'Europe/Moscow', 1],
        ['22:00', 'Asia/Tokyo', 2],
        ['22:00', 'Europe/Moscow', 1],
      ],
    );
  });
});
