import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { insertBooking, insertCompany } from '#test/support/rows.ts';
import { NotificationSetting, PushSubscription, User } from '../db/entities.ts';
import { Delivery } from '../db/event-entities.ts';
import { appendToOutbox, closeOutboxRows } from '../db/outbox.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import { SCHEDULER } from './remind-due.ts';
import { createRemindedPeople } from './reminded-people.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');

/** A booking whose client has no Telegram, and whose specialist has; an admin, whom reminders do not concern. */
async function openBooking(t: TestContext, { open }: TestDatabases) {
  const database = await open(t);
  const ids = await database.write(async (tx) => {
    const company = await insertCompany(tx);
    const { company_id } = company;
    await tx.insert(User, {
      ...{ company_id, role: 'admin', name: 'Ольга', locale: 'ru', ads_opt_out: false, created_at: NOW },
    });
    await tx.insertMany(
      NotificationSetting,
      DEFAULT_SETTINGS.map((setting) => ({ ...setting, company_id })),
    );
    return { ...company, id: await insertBooking(tx, company) };
  });
  const people = createRemindedPeople(database);
  const shown = (found: Awaited<ReturnType<typeof people.foreseen>>) =>
    Object.fromEntries(found.map(({ role, status, channel, reason }) => [role, [status, reason ?? channel]]));
  return {
    ...{ database, ids },
    change: (id: number, change: object) => database.write((tx) => tx.nativeUpdate(User, { id }, change)),
    foreseen: async () => shown(await people.foreseen(ids, null)),
    told: async (event: string) => shown(await people.told(ids, { event_id: event, only_user: null, step: null })),
  };
}

describeOnEachDatabase('the people of a reminder', (databases) => {
  test('before it goes are told of by the way that it would take, or why there is none', async (t) => {
    const { database, ids, change, foreseen } = await openBooking(t, databases);
    const { company_id, client_id, specialist_id } = ids;
    const admin = ['suppressed', 'setting_off'];
    const first = { client: ['suppressed', 'no_channel'], specialist: ['planned', 'telegram'], admin };
    assert.deepEqual(await foreseen(), first);
    await database.write((tx) =>
      tx.insert(PushSubscription, {
        ...{ company_id, user_id: client_id, endpoint: 'https://push.example/1', created_at: NOW },
        ...{ p256dh: 'x', auth: 'x', vapid_key: 'x' },
      }),
    );
    await change(specialist_id, { telegram_unreachable: 'blocked' });
    const second = { client: ['planned', 'web_push'], specialist: ['suppressed', 'unreachable:blocked'], admin };
    assert.deepEqual(await foreseen(), second);
    await change(specialist_id, { web_push_unreachable: 'web_push_410' });
    assert.deepEqual((await foreseen()).specialist, ['suppressed', 'unreachable:blocked,web_push_410']);
    await change(specialist_id, { erased_at: NOW });
    assert.equal((await foreseen()).specialist?.[0], 'suppressed');
  });

  test('once it went are told of as the log has it, and the others are under way until it is settled', async (t) => {
    const { database, ids, told } = await openBooking(t, databases);
    const { id: booking_id, company_id, client_id } = ids;
    const event = { id: 'r-1', type: 'booking_reminder', company_id, booking_id, initiated_by: SCHEDULER } as const;
    await database.write((tx) => appendToOutbox(tx, { ...event, ts: 1_790_000_000 }));
    assert.deepEqual(await told('r-1'), { client: ['under_way', null], specialist: ['under_way', null] });
    await database.write((tx) =>
      tx.insert(Delivery, {
        ...{ company_id, booking_id, event_id: 'r-1', event_type: 'booking_reminder', user_id: client_id },
        ...{ role: 'client', status: 'suppressed', reason: 'nearer_reminder', attempts: 1, finished_at: NOW },
      }),
    );
    const client = ['suppressed', 'nearer_reminder'];
    assert.deepEqual(await told('r-1'), { client, specialist: ['under_way', null] });
    await database.write((tx) => closeOutboxRows(tx, [{ company_id, event_id: 'r-1' }]));
    assert.deepEqual(await told('r-1'), { client });
    assert.deepEqual(await told('r-2'), {});
  });
});
