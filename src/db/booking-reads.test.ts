import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { insertBooking, insertCompany } from '#test/support/rows.ts';
import type { BookingEvent } from '../domain/events.ts';
import { DEFAULT_QUIET_HOURS } from '../domain/quiet-hours.ts';
import { createAudienceReader, createDeliveryFactsReader } from './booking-reads.ts';
import type { Database } from './database.ts';
import { AdTemplate, Booking, Company, Location, NotificationSetting, User } from './entities.ts';

const NOW = new Date('2026-01-20T09:00:00.000Z');
const STARTS_AT = new Date('2026-01-28T11:00:00.000Z');

type Ids = Awaited<ReturnType<typeof insertCompany>> & { booking_id: number };

const book = (database: Database): Promise<Ids> =>
  database.write(async (tx) => {
    const ids = await insertCompany(tx);
    return { ...ids, booking_id: await insertBooking(tx, ids) };
  });

const addUser = (database: Database, company_id: number, role: 'admin' | 'specialist', tg_id: number | null = null) =>
  database.write((tx) =>
    tx.insert(User, { company_id, role, name: role, tg_id, locale: 'en', ads_opt_out: false, created_at: NOW }),
  );

const eventOf = ({ company_id, booking_id }: Ids, changes: Partial<BookingEvent> = {}): BookingEvent => ({
  id: 'e-1',
  type: 'booking_created',
  company_id,
  booking_id,
  initiated_by: { user_id: null, role: 'system', channel: 'api' },
  ts: 1_706_000_000,
  ...changes,
});

const stateWith = (specialist_id: number) => ({
  starts_at: STARTS_AT.toISOString(),
  specialist_id,
  service_id: 1,
  location_id: null,
  duration_min: 60,
});

/** How many statements the readers of `work` took. */
async function statementsOf(database: Database, work: (counted: Database) => Promise<unknown>): Promise<number> {
  let statements = 0;
  const read = () => {
    statements += 1;
    return database.read();
  };
  await work({ ...database, read });
  return statements;
}

describeOnEachDatabase('the audience of an event', ({ open }) => {
  test('is the booking’s two, the specialists that it moved between, who did it, and the admins, each once', async (t) => {
    const database = await open(t);
    const ids = await book(database);
    const { company_id } = ids;
    const admins = [
      await addUser(database, company_id, 'admin', 2 ** 40),
      await addUser(database, company_id, 'admin'),
    ];
    const [former, given, doer, stranger] = [
      await addUser(database, company_id, 'specialist'),
      await addUser(database, company_id, 'specialist'),
      await addUser(database, company_id, 'specialist'),
      await addUser(database, (await book(database)).company_id, 'admin'),
    ];
    await addUser(database, company_id, 'specialist');
    const load = createAudienceReader(database);
    const found = await load(
      eventOf(ids, {
        change: { version: 2, from: stateWith(former), to: stateWith(given) },
        initiated_by: { user_id: doer, role: 'specialist', channel: 'api' },
      }),
    );
    assert.deepEqual(found?.booking, { client_id: ids.client_id, specialist_id: ids.specialist_id });
    assert.deepEqual(
      found.users.map(({ id }) => id),
      [ids.client_id, ids.specialist_id, ...admins, former, given, doer],
    );
    assert.deepEqual(found.users[2], { id: admins[0], role: 'admin', tg_id: 2 ** 40, telegram_unreachable: null });
    const initiated_by = { user_id: stranger, role: 'admin', channel: 'api' } as const;
    assert.equal((await load(eventOf(ids, { initiated_by })))?.users.length, 4);
  });

  test('comes with the settings of the type, and is null where the company has no such booking', async (t) => {
    const database = await open(t);
    const ids = await book(database);
    const other = await book(database);
    const { company_id } = ids;
    const row = { event_type: 'booking_created', recipient_role: 'client', company_id, ad_template_id: null };
    await database.write(async (tx) => {
      await tx.insert(NotificationSetting, { ...row, channel: 'all', enabled: true });
      await tx.insert(NotificationSetting, { ...row, channel: 'telegram', enabled: false });
      await tx.insert(NotificationSetting, { ...row, channel: 'all', enabled: true, event_type: 'booking_reminder' });
    });
    const load = createAudienceReader(database);
    const [found, ...nobodies] = await Promise.all([
      load(eventOf(ids)),
      load(eventOf(ids, { company_id: other.company_id })),
      load(eventOf(ids, { booking_id: 2 ** 50 })),
    ]);
    const { company_id: _, ...rule } = row;
    assert.deepEqual(
      found?.settings.toSorted((a, b) => a.channel.localeCompare(b.channel)),
      [
        { ...rule, channel: 'all', enabled: true },
        { ...rule, channel: 'telegram', enabled: false },
      ],
    );
    assert.deepEqual(nobodies, [null, null]);
  });
});

describeOnEachDatabase('the facts of a delivery', ({ open }) => {
  test('hold the booking, its venue’s zone, the person, and their role’s settings with the ad', async (t) => {
    const database = await open(t);
    const ids = await book(database);
    const { company_id, booking_id, specialist_id, service_id } = ids;
    const valid_until = new Date('2026-02-01T00:00:00.123Z');
    const [location_id, ad] = await database.write(async (tx) => {
      const location = await tx.insert(Location, {
        company_id,
        name: 'Центр',
        time_zone: 'Asia/Tokyo',
        created_at: NOW,
      });
      await tx.nativeUpdate(Booking, { id: booking_id }, { location_id: location, version: 2 });
      await tx.nativeUpdate(Company, { id: company_id }, { ad_marking_token: '2VtzqwX' });
      const template = { company_id, name: 'ad', content_tg: '<b>ad?</b>', active: true, valid_until };
      const ad_template_id = await tx.insert(AdTemplate, template);
      const row = { event_type: 'booking_created', company_id, channel: 'all' };
      await tx.insert(NotificationSetting, { ...row, recipient_role: 'client', enabled: true, ad_template_id });
      await tx.insert(NotificationSetting, { ...row, recipient_role: 'admin', enabled: false, ad_template_id: null });
      return [location, ad_template_id];
    });
    const facts = await createDeliveryFactsReader(database)(eventOf(ids), { userId: specialist_id, role: 'client' });
    assert.deepEqual(facts, {
      booking: {
        id: booking_id,
        client_name: 'Иван Петров',
        client_phone: '+7 999 123-45-67',
        specialist_id,
        specialist_name: 'Анна',
        location_id,
        location_name: 'Центр',
        service_id,
        service_name: 'Стрижка',
        duration_min: 60,
        starts_at: STARTS_AT,
        time_zone: 'Asia/Tokyo',
      },
      state: {
        starts_at: STARTS_AT,
        specialist_id,
        service_id,
        location_id,
        duration_min: 60,
        status: 'created',
        version: 2,
        start_version: 1,
        confirmed_starts_at: null,
      },
      ladder: null,
      isClientErased: false,
      user: {
        ...{ role: 'specialist', tg_id: 42, locale: 'ru', telegram_unreachable: null, ads_opt_out: false },
        ...{ quiet_hours: DEFAULT_QUIET_HOURS, time_zone: 'Europe/Moscow' },
      },
      company_name: null,
      settings: [
        { event_type: 'booking_created', recipient_role: 'client', channel: 'all', enabled: true, ad_template_id: ad },
      ],
      adTemplates: [{ id: ad, content_tg: '<b>ad?</b>', active: true, valid_until }],
      legal: { ad_advertiser: null, ad_marking_token: '2VtzqwX' },
      reminders: null,
    });
  });

  test('name the company to whose Telegram account belongs to users of other companies too', async (t) => {
    const database = await open(t);
    const [ids, other] = [await book(database), await book(database)];
    const load = createDeliveryFactsReader(database);
    const nameFor = async (userId: number) => (await load(eventOf(ids), { userId, role: 'client' }))?.company_name;
    await database.write((tx) => tx.nativeUpdate(User, { id: other.specialist_id }, { tg_id: null }));
    assert.deepEqual([await nameFor(ids.client_id), await nameFor(ids.specialist_id)], [null, null]);
    // Another user of the same company is no other company.
    await addUser(database, ids.company_id, 'admin', 42);
    assert.equal(await nameFor(ids.specialist_id), null);
    await database.write((tx) => tx.nativeUpdate(User, { id: other.client_id }, { tg_id: 42 }));
    assert.deepEqual([await nameFor(ids.client_id), await nameFor(ids.specialist_id)], [null, 'Салон']);
  });

  test('have the company’s zone without a venue, no settings without rows, and are null when someone is gone', async (t) => {
    const database = await open(t);
    const ids = await book(database);
    const other = await book(database);
    const load = createDeliveryFactsReader(database);
    const [facts, ...nothing] = await Promise.all([
      load(eventOf(ids), { userId: ids.client_id, role: 'client' }),
      load(eventOf(ids), { userId: other.client_id, role: 'client' }),
      load(eventOf(ids), { userId: 2 ** 50, role: 'client' }),
      load(eventOf(ids, { booking_id: other.booking_id }), { userId: ids.client_id, role: 'client' }),
    ]);
    assert.deepEqual([facts?.booking.time_zone, facts?.booking.location_name], ['Europe/Moscow', null]);
    assert.deepEqual([facts?.settings, facts?.adTemplates], [[], []]);
    assert.deepEqual(nothing, [null, null, null]);
  });
});

test('a question sees every change that was committed before it, even while another one is being answered', async (t) => {
  const database = await openTestDatabase(t);
  const ids = await book(database);
  const load = createDeliveryFactsReader(database);
  const ask = () => load(eventOf(ids), { userId: ids.client_id, role: 'client' });
  for (let version = 2; version < 50; version += 1) {
    const earlier = ask();
    await database.write((tx) => tx.nativeUpdate(Booking, { id: ids.booking_id }, { version }));
    assert.equal((await ask())?.state.version, version);
    await earlier;
  }
});

test('questions of one tick share their statements', async (t) => {
  const database = await openTestDatabase(t);
  const ids = await book(database);
  const people = [ids.client_id, ids.specialist_id, 2 ** 50];
  const planning = await statementsOf(database, (counted) => {
    const load = createAudienceReader(counted);
    return Promise.all([load(eventOf(ids)), load(eventOf(ids, { id: 'e-2', type: 'booking_reminder' }))]);
  });
  assert.equal(planning, 2);
  const delivering = await statementsOf(database, (counted) => {
    const load = createDeliveryFactsReader(counted);
    return Promise.all(people.map((userId) => load(eventOf(ids), { userId, role: 'client' })));
  });
  assert.equal(delivering, 1);
  const reminding = await statementsOf(database, (counted) => {
    const load = createDeliveryFactsReader(counted);
    const reminder = eventOf(ids, { type: 'booking_reminder', offset: 120 });
    return Promise.all(people.map((userId) => load(reminder, { userId, role: 'client' })));
  });
  assert.equal(reminding, 2);
  const many = await statementsOf(database, (counted) => {
    const load = createDeliveryFactsReader(counted);
    const userIds = Array.from({ length: 100 }, (_, index) => people[index % 3] ?? 0);
    return Promise.all(userIds.map((userId) => load(eventOf(ids), { userId, role: 'client' })));
  });
  assert.equal(many, 7);
});
