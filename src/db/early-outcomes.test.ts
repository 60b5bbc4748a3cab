import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { plansOf } from '#test/support/query-plans.ts';
import { insertBooking, insertCompany } from '#test/support/rows.ts';
import { earlyKey } from '../domain/reminder-offsets.ts';
import { createUnheardReader } from './early-outcomes.ts';
import { Delivery } from './event-entities.ts';
import { appendToOutbox } from './outbox.ts';
import { recordReminders } from './reminder-records.ts';

const AT = new Date('2026-11-23T18:50:00.000Z');

describeOnEachDatabase('early reminders that nobody heard', ({ open }) => {
  test('are those that died, were suppressed or are forgotten, and none that arrived or is on its way', async (t) => {
    const database = await open(t);
    const { company_id, booking_id, client_id, specialist_id } = await database.write(async (tx) => {
      const company = await insertCompany(tx);
      const booking_id = await insertBooking(tx, company);
      const { company_id, client_id } = company;
      const times = { starts_at: AT, due_at: AT, decided_at: AT };
      const decided = { booking_id, ...times, state: 'emitted', reason: null } as const;
      const fates = ['delivered', 'dead', 'suppressed', 'forgotten', 'open'];
      await recordReminders(tx, [
        ...fates.map((fate, n) => ({ ...decided, version: 1, key: earlyKey(`${n + 1}`, client_id), event_id: fate })),
        { ...decided, version: 2, key: earlyKey('9', client_id), event_id: 'of another start' },
        { ...decided, version: 1, key: earlyKey('9', client_id * 10 + 1), event_id: 'of another user' },
        { ...decided, version: 1, key: '120', event_id: 'of everybody' },
      ]);
      const event = { type: 'booking_reminder', company_id, booking_id, ts: 1_790_000_000 } as const;
      const initiated_by = { user_id: null, role: 'cron', channel: 'scheduler' } as const;
      await appendToOutbox(tx, { ...event, id: 'open', initiated_by });
      for (const status of ['delivered', 'dead', 'suppressed'] as const)
        await tx.insert(Delivery, {
          ...{ company_id, booking_id, event_id: status, event_type: 'booking_reminder', user_id: client_id },
          ...{ role: 'client', status, attempts: 1, finished_at: AT },
        });
      return { ...company, booking_id };
    });
    const unheardBy = createUnheardReader(database);
    const [client, specialist, elsewhere] = await Promise.all([
      unheardBy({ company_id, booking_id, user_id: client_id }),
      unheardBy({ company_id, booking_id, user_id: specialist_id }),
      unheardBy({ company_id: company_id + 1, booking_id, user_id: client_id }),
    ]);
    assert.deepEqual(
      client.sort(),
      ['2', '3', '4'].map((key) => earlyKey(key, client_id)),
    );
    assert.deepEqual([specialist, elsewhere], [[], []]);
  });

  test('are found by keys alone', async (t) => {
    const ask = { company_id: 1, booking_id: 1, user_id: 1 };
    const [plan = ''] = await plansOf(await open(t), (sql) => createUnheardReader({ read: () => sql })(ask));
    assert.match(plan, /sqlite_autoindex_reminders_1 \(booking_id=\? AND version=\?\)|reminders_pkey/);
    assert.doesNotMatch(plan, /SCAN (b|r|o|d)\b|Seq Scan on (bookings|reminders|outbox|deliveries)/);
  });
});
