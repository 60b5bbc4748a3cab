import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { insertBroadcast, startBroadcast } from '../db/broadcasts.ts';
import { User } from '../db/entities.ts';
import type { Row } from '../db/rows.ts';
import { chunkEventId } from '../domain/broadcasts.ts';
import { SYSTEM_INITIATOR } from '../domain/events.ts';
import { encodeQuietHours } from '../domain/quiet-hours.ts';
import { createBroadcastMessages } from './broadcast-messages.ts';

/** Half past eleven at night in Moscow, where the company is. */
const NIGHT = new Date('2026-01-28T20:30:00.000Z');
const HOUR_MS = 3_600_000;
const later = (hours: number) => new Date(NIGHT.getTime() + hours * HOUR_MS);

/** Answers what an ad that was offered at night comes to for a client at some moment. */
async function openMessages(t: TestContext, { is_test = false } = {}) {
  const database = await openTestDatabase(t);
  const { company_id, client_id } = await database.write(insertCompany);
  const broadcast_id = await database.write(async (tx) => {
    const { id } = await insertBroadcast(tx, {
      ...{ company_id, audience: {}, content: { tg_html: 'x' }, ad_template_id: null, allow_paid: false, is_test },
      ...{ initiated_by: SYSTEM_INITIATOR, trace: null, send_at: NIGHT, created_at: NIGHT },
    });
    await startBroadcast(tx, id, { audience_size: 1, last_user_id: client_id, started_at: NIGHT });
    return id;
  });
  let now = NIGHT;
  const messages = createBroadcastMessages({ database, clock: () => now });
  const event = {
    ...({ id: chunkEventId(broadcast_id, 1), type: 'broadcast', company_id, broadcast_id, chunk: 1 } as const),
    ...{ initiated_by: SYSTEM_INITIATOR, ts: NIGHT.getTime() / 1000 },
  };
  const legal = { ad_advertiser: null, ad_marking_token: null };
  const text = { content: { tg_html: 'x' }, ad_html: null, legal, allow_paid: false, is_test };
  return {
    change: (set: Partial<Row<typeof User>>) => database.write((tx) => tx.nativeUpdate(User, { id: client_id }, set)),
    async fateAt(at: Date) {
      now = at;
      const message = await messages.read(event, text, client_id, false);
      if (message.kind === 'ready') return message.silent ? 'silent' : 'aloud';
      return message.kind === 'done' ? `${message.receipt.status} ${message.receipt.reason}` : message.kind;
    },
  };
}

test('an ad is given back in quiet hours, and goes when they are over', async (t) => {
  const { fateAt, change } = await openMessages(t);
  assert.equal(await fateAt(NIGHT), 'returned quiet_hours');
  assert.equal(await fateAt(later(8.49)), 'returned quiet_hours');
  assert.equal(await fateAt(later(8.5)), 'aloud');
  await change({ time_zone: 'America/New_York' });
  assert.equal(await fateAt(NIGHT), 'aloud');
  assert.equal(await fateAt(later(8.5)), 'returned quiet_hours');
  await change({ ads_opt_out: true });
  assert.equal(await fateAt(later(8.5)), 'suppressed opted_out');
});

test('quiet hours that leave an ad no time end it at once, and hours for messages alone do not hold it', async (t) => {
  const { fateAt, change } = await openMessages(t);
  const allDay = { from: '21:00', to: '20:59' };
  await change({ quiet_hours: encodeQuietHours({ broadcasts: allDay, messages: null }) });
  assert.equal(await fateAt(NIGHT), 'returned quiet_hours');
  assert.equal(await fateAt(later(21.6)), 'suppressed quiet_hours');
  await change({ quiet_hours: encodeQuietHours({ broadcasts: null, messages: allDay }) });
  assert.equal(await fateAt(NIGHT), 'aloud');
});

test('a test is sent at any hour', async (t) => {
  const { fateAt } = await openMessages(t, { is_test: true });
  assert.equal(await fateAt(NIGHT), 'aloud');
});
