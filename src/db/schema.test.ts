import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { bookingRow, insertBooking, insertCompany } from '#test/support/rows.ts';
import { DEFAULT_QUIET_HOURS, decodeQuietHours } from '../domain/quiet-hours.ts';
import type { Database } from './database.ts';
import { AdTemplate, Booking, Company, type ENTITIES, NotificationSetting, Service, User } from './entities.ts';
import { constraintOf } from './errors.ts';

const AT = new Date('2026-01-28T11:00:00.123Z');

describeOnEachDatabase('the schema', ({ open }) => {
  test('fills in the defaults', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    await database.write(async (tx) => {
      const now = tx.getPlatform().quoteValue(AT);
      await tx.execute(
        `INSERT INTO users (company_id, role, name, created_at) VALUES (${company_id}, 'client', 'x', ${now})`,
      );
      await tx.execute(
        `INSERT INTO notification_settings (event_type, recipient_role, company_id) VALUES ('x', 'client', ${company_id})`,
      );
      await tx.execute(`INSERT INTO ad_templates (name, content_tg, company_id) VALUES ('ad', 'x', ${company_id})`);
    });
    const user = await database.read().findOneOrFail(User, { name: 'x' });
    const setting = await database.read().findOneOrFail(NotificationSetting, { company_id });
    const template = await database.read().findOneOrFail(AdTemplate, { company_id });
    assert.deepEqual([user.locale, user.ads_opt_out, user.time_zone], ['ru', false, null]);
    assert.deepEqual(decodeQuietHours(user.quiet_hours), DEFAULT_QUIET_HOURS);
    assert.deepEqual([setting.channel, setting.enabled, template.active], ['all', true, true]);
  });

  test('names the columns of a broken unique constraint', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const service = { company_id, external_id: 's-1', name: 'x', duration_min: 5, created_at: AT };
    const error = await refusal(database, Service, [service, service]);
    const violation = constraintOf(error);
    assert.deepEqual(
      [violation?.kind, violation?.table, violation?.columns],
      ['unique', 'services', ['company_id', 'external_id']],
    );
  });

  test('allows any number of rows without an external id', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const service = { company_id, external_id: null, name: 'x', duration_min: 5, created_at: AT };
    await database.write((tx) => tx.insertMany(Service, [service, service]));
    assert.equal(await database.read().count(Service, { name: 'x' }), 2);
  });

  test('tells check, not-null and foreign-key violations apart', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const service = { company_id, name: 'x', duration_min: 5, created_at: AT };
    const check = constraintOf(await refusal(database, Service, [{ ...service, duration_min: 0 }]));
    assert.deepEqual([check?.kind, check?.constraint], ['check', 'services_duration_min_check']);
    const missing = constraintOf(await refusal(database, Service, [{ ...service, name: null }]));
    assert.deepEqual([missing?.kind, missing?.columns], ['not_null', ['name']]);
    const orphan = constraintOf(await refusal(database, Service, [{ ...service, company_id: 999 }]));
    assert.equal(orphan?.kind, 'foreign_key');
    assert.equal(constraintOf(new Error('UNIQUE constraint failed: a.b')), null);
  });

  test('refuses unknown roles, locales and states', async (t) => {
    const database = await open(t);
    const ids = await database.write(insertCompany);
    const { company_id } = ids;
    const user = { company_id, role: 'client', name: 'x', locale: 'ru', ads_opt_out: false, created_at: AT };
    assert.equal(
      constraintOf(await refusal(database, User, [{ ...user, role: 'boss' }]))?.constraint,
      'users_role_check',
    );
    assert.equal(
      constraintOf(await refusal(database, User, [{ ...user, locale: 'xx' }]))?.constraint,
      'users_locale_check',
    );
    const booking = { ...bookingRow(ids), status: 'lost' };
    assert.equal(constraintOf(await refusal(database, Booking, [booking]))?.constraint, 'bookings_status_check');
  });

  test('keeps a company, its people and its services while it has bookings', async (t) => {
    const database = await open(t);
    const ids = await database.write(insertCompany);
    await database.write((tx) => insertBooking(tx, ids));
    for (const [entity, id] of [
      [Company, ids.company_id],
      [User, ids.client_id],
      [User, ids.specialist_id],
      [Service, ids.service_id],
    ] as const) {
      const error = await database
        .write((tx) => tx.nativeDelete<{ id: number }>(entity.meta.className, { id }))
        .catch((refused: unknown) => refused);
      assert.equal(constraintOf(error)?.kind, 'foreign_key');
    }
  });

  test('keeps an ad template in use, yet lets a company without bookings go with all it has', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const id = await database.write(async (tx) => {
      const ad_template_id = await tx.insert(AdTemplate, { name: 'x', content_tg: 'x', active: true, company_id });
      const setting = { event_type: 'x', recipient_role: 'client', channel: 'all', enabled: true };
      await tx.insert(NotificationSetting, { ...setting, ad_template_id, company_id });
      return ad_template_id;
    });
    const error = await database
      .write((tx) => tx.nativeDelete(AdTemplate, { id }))
      .catch((refused: unknown) => refused);
    assert.equal(constraintOf(error)?.kind, 'foreign_key');
    await database.write((tx) => tx.nativeDelete(Company, { id: company_id }));
    for (const entity of [User, Service, AdTemplate, NotificationSetting])
      assert.equal(await database.read().count<object>(entity.meta.className), 0);
  });

  test('never gives an id out twice', async (t) => {
    const database = await open(t);
    const insert = () => database.write((tx) => tx.insert(Company, { name: 'x', time_zone: 'UTC', created_at: AT }));
    const first = await insert();
    await database.write((tx) => tx.nativeDelete(Company, { id: first }));
    assert.ok((await insert()) > first);
  });
});

/** What the database says to `rows`, inserted one after another. */
const refusal = (database: Database, entity: (typeof ENTITIES)[number], rows: object[]): Promise<unknown> =>
  database
    .write(async (tx) => {
      for (const row of rows) await tx.insert<object>(entity.meta.className, row);
    })
    .catch((error: unknown) => error);

test('an overlap is looked up in an index of its own', async (t) => {
  const database = await openTestDatabase(t);
  const plan = await database
    .read()
    .execute(
      `EXPLAIN QUERY PLAN SELECT 1 FROM bookings WHERE specialist_id = 1 AND status = 'created' AND starts_at > 5 AND starts_at < 9 AND ends_at > 7`,
    );
  assert.match(JSON.stringify(plan), /bookings_overlap \(specialist_id=\? AND starts_at>\? AND starts_at<\?\)/);
});
