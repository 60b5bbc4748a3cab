import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { readEntry } from '#streams/entry.ts';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { insertCompany } from '#test/support/rows.ts';
import { Card } from '../db/bot-entities.ts';
import type { Database } from '../db/database.ts';
import { loggedOutcomes } from '../db/deliveries.ts';
import { eraseUser } from '../db/erasure.ts';
import { appendToOutbox, lastOutboxId } from '../db/outbox.ts';
import type { BookingEvent } from '../domain/events.ts';
import { createDeliveryRecorder } from './delivery-recorder.ts';
import { deliveredByTelegram, type Receipt, receiptSchema, recipientOf, returned } from './receipt.ts';

const eventOf = (id: string): BookingEvent => ({
  id,
  type: 'booking_created',
  company_id: 1,
  booking_id: 7,
  initiated_by: { user_id: null, role: 'system', channel: 'api' },
  ts: 1_706_000_000,
});

const entryOf = (event: BookingEvent) =>
  readEntry('1-1', ['event', JSON.stringify(event), 'key', `${event.company_id}:${event.id}`]);

const NO_CARD = { card_version: null, is_confirmed: false };

function resultOf(user_id: number, changes: Partial<Receipt> = {}) {
  const receipt = deliveredByTelegram({ user_id, role: 'client' }, { chat_id: 1, message_id: 2 }, NO_CARD);
  return { recipient: recipientOf(user_id), attempts: 1, receipt: { ...receipt, ...changes } };
}

function setUp(
  database: Database,
  deadline = new AbortController().signal,
  erasures?: Parameters<typeof createDeliveryRecorder>[0]['erasures'],
) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'error' }, { write: (line) => lines.push(JSON.parse(line)) });
  const clock = () => new Date('2026-01-20T09:00:00.000Z');
  return { lines, recorder: createDeliveryRecorder({ database, clock, log, deadline, ...(erasures && { erasures }) }) };
}

describeOnEachDatabase('the delivery recorder', ({ open }) => {
  test('gives up the one row that the database refuses, loudly, and records all around it', async (t) => {
    const database = await open(t);
    const { lines, recorder } = setUp(database);
    const events = ['good-1', 'bad', 'good-2'].map(eventOf);
    await database.write(async (tx) => {
      for (const event of events) await appendToOutbox(tx, event);
    });
    // No status of ours: a constraint refuses it, as it would a text that the database cannot store.
    const refused = resultOf(2, { status: 'lost' as 'dead' });
    await Promise.all(
      events.map((event) =>
        recorder.record(entryOf(event), event.id === 'bad' ? [resultOf(1), refused] : [resultOf(1)], true),
      ),
    );
    for (const { id } of events) assert.deepEqual([...(await loggedOutcomes(database, 1, id)).keys()], [1]);
    assert.equal(await lastOutboxId(database), 0);
    assert.deepEqual(
      lines.map(({ company_id, user_id, event_id }) => [company_id, user_id, typeof event_id]),
      [[1, 2, 'string']],
    );
    await recorder.record(entryOf(eventOf('later')), [resultOf(1)], false);
    assert.equal((await loggedOutcomes(database, 1, 'later')).size, 1);
  });
});

test('looks for the erased only when there may be some', async (t) => {
  const database = await openTestDatabase(t);
  let isLately = false;
  const { recorder } = setUp(database, undefined, { isLately: () => isLately });
  const { client_id, company_id } = await database.write(insertCompany);
  await database.write((tx) => eraseUser(tx, client_id, { told: [], now: new Date() }));
  const kept = async (id: string) => {
    const event = { ...eventOf(id), company_id };
    await recorder.record(entryOf(event), [resultOf(client_id)], true);
    return (await loggedOutcomes(database, company_id, id)).get(client_id)?.chat_id;
  };
  assert.equal(await kept('unseen'), 1);
  isLately = true;
  assert.equal(await kept('seen'), null);
});

test('a message with buttons becomes a card in the commit of its delivery', async (t) => {
  const database = await openTestDatabase(t);
  const { recorder } = setUp(database);
  const event = eventOf('e-1');
  const withButtons = resultOf(1, { chat_id: -1, message_id: 7, card_version: 3 });
  await recorder.record(entryOf(event), [withButtons, resultOf(2)], true);
  const cards = await database.read().find(Card, {});
  assert.deepEqual(
    cards.map(({ id: _, ...card }) => card),
    [
      {
        ...{ chat_id: -1, message_id: 7, company_id: 1, booking_id: 7, user_id: 1, audience: 'client' },
        ...{ event: JSON.stringify({ ...event, told_version: 3 }), view: '{"kind":"notification"}', return_to: 'card' },
        ...{ version: 3, stale: false, sent_at: new Date('2026-01-20T09:00:00.000Z'), view_expires_at: null },
      },
    ],
  );
  assert.deepEqual([...(await loggedOutcomes(database, 1, 'e-1')).keys()], [1, 2]);
});

test('what was given back leaves no row, and closes the event all the same', async (t) => {
  const database = await openTestDatabase(t);
  const { recorder } = setUp(database);
  const event = eventOf('e-1');
  await database.write((tx) => appendToOutbox(tx, event));
  const givenBack = resultOf(2, returned({ user_id: 2, role: 'client' }, 'chat_held'));
  await recorder.record(entryOf(event), [givenBack], false);
  await recorder.record(entryOf(event), [resultOf(1), givenBack], true);
  assert.deepEqual([...(await loggedOutcomes(database, 1, 'e-1')).keys()], [1]);
  assert.equal(await lastOutboxId(database), 0);
});

test('a receipt that an older version left in the ledger makes no card', () => {
  const { card_version: _, ...older } = resultOf(1).receipt;
  assert.equal(receiptSchema.parse(older).card_version, null);
});

test('results wait while the database is full, and are recorded once there is room', async (t) => {
  const database = await openTestDatabase(t);
  const { lines, recorder } = setUp(database);
  await database.write((tx) => tx.execute('PRAGMA max_page_count = 1'));
  const reason = 'x'.repeat(100_000);
  let recorded = false;
  const recording = recorder.record(entryOf(eventOf('e-1')), [resultOf(1, { reason })], true).then(() => {
    recorded = true;
  });
  await eventually(() => assert.match(String(lines[0]?.msg), /trying again/));
  assert.equal(recorded, false);
  // In one transaction with a try it fails with it.
  await eventually(() => database.write((tx) => tx.execute('PRAGMA max_page_count = 1000000')));
  await recording;
  assert.equal((await loggedOutcomes(database, 1, 'e-1')).size, 1);
});

test('gives up waiting for the database when the process must end', async (t) => {
  const database = await openTestDatabase(t);
  const ending = new AbortController();
  const { recorder } = setUp(database, ending.signal);
  await database.write((tx) => tx.execute('PRAGMA max_page_count = 1'));
  const recording = recorder.record(entryOf(eventOf('e-1')), [resultOf(1, { reason: 'x'.repeat(100_000) })], true);
  setTimeout(() => ending.abort(new Error('the end')), 100);
  await assert.rejects(recording);
});
