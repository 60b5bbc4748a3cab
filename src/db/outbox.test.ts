import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import type { BookingEvent } from '../domain/events.ts';
import { constraintOf } from './errors.ts';
import { OutboxRow } from './event-entities.ts';
import { appendToOutbox, closeOutboxRows, firstOpenRow, lastOutboxId, openOutboxRows } from './outbox.ts';

const eventOf = (id: string, company_id = 1): BookingEvent => ({
  id,
  type: 'booking_created',
  company_id,
  booking_id: 7,
  initiated_by: { user_id: null, role: 'system', channel: `it's "api" ?` },
  ts: 1_706_000_000,
});

const WHOLE = { lane: 'p2p', shares: 1, remainder: 0 } as const;

describeOnEachDatabase('the outbox', ({ open }) => {
  test('offers open rows in the order of their commits, page by page', async (t) => {
    const database = await open(t);
    await Promise.all(['c', 'a', 'b'].map((id) => database.write((tx) => appendToOutbox(tx, eventOf(id)))));
    const first = await openOutboxRows(database.read(), { afterId: 0, limit: 2, share: WHOLE });
    const rest = await openOutboxRows(database.read(), { afterId: first.at(-1)?.id ?? 0, limit: 2, share: WHOLE });
    assert.deepEqual(
      [...first, ...rest].map(({ event_id }) => event_id),
      ['c', 'a', 'b'],
    );
    assert.equal(await lastOutboxId(database), rest[0]?.id);
  });

  test('keeps the event as it goes into the stream', async (t) => {
    const database = await open(t);
    await database.write((tx) => appendToOutbox(tx, eventOf('a')));
    const [row] = await openOutboxRows(database.read(), { afterId: 0, limit: 1, share: WHOLE });
    assert.deepEqual(JSON.parse(row?.event ?? ''), eventOf('a'));
    const stored = await database.read().findOneOrFail(OutboxRow, { id: row?.id ?? 0 });
    assert.equal(stored.created_at.toISOString(), '2024-01-23T08:53:20.000Z');
  });

  test('tells since when the first row behind another stands there, which may be later than its event', async (t) => {
    const database = await open(t);
    const at = new Date('2026-11-23T10:00:00.250Z');
    await database.write((tx) => appendToOutbox(tx, eventOf('a')));
    const afterId = await lastOutboxId(database);
    assert.equal(await firstOpenRow(database, { afterId, share: WHOLE }), null);
    await database.write((tx) => appendToOutbox(tx, eventOf('b'), { at }));
    await database.write((tx) => appendToOutbox(tx, eventOf('c')));
    assert.deepEqual(await firstOpenRow(database, { afterId, share: WHOLE }), { id: afterId + 1, created_at: at });
    assert.equal(await firstOpenRow(database, { afterId, share: { ...WHOLE, lane: 'broadcast' } }), null);
  });

  test('takes an event id once per company', async (t) => {
    const database = await open(t);
    await database.write((tx) => appendToOutbox(tx, eventOf('a', 1)));
    await database.write((tx) => appendToOutbox(tx, eventOf('a', 2)));
    const again = await database.write((tx) => appendToOutbox(tx, eventOf('a', 1))).catch((error: unknown) => error);
    assert.deepEqual(constraintOf(again)?.columns, ['company_id', 'event_id']);
  });

  test('closes settled rows of any number, and only those', async (t) => {
    const database = await open(t);
    const events = Array.from({ length: 1_200 }, (_, number) => eventOf(`e'${number}`, 1 + (number % 2)));
    await database.write(async (tx) => {
      for (const event of events) await appendToOutbox(tx, event);
    });
    const settled = events.slice(0, 1_199).map(({ company_id, id }) => ({ company_id, event_id: id }));
    await database.write((tx) => closeOutboxRows(tx, [...settled, { company_id: 9, event_id: 'unknown' }]));
    await database.write((tx) => closeOutboxRows(tx, settled));
    await database.write((tx) => closeOutboxRows(tx, []));
    const remaining = await openOutboxRows(database.read(), { afterId: 0, limit: 10, share: WHOLE });
    assert.deepEqual(
      remaining.map(({ event_id }) => event_id),
      ["e'1199"],
    );
  });

  test('is empty with a last id of 0', async (t) => {
    assert.equal(await lastOutboxId(await open(t)), 0);
  });
});
