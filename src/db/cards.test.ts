import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertBooking, insertCompany } from '#test/support/rows.ts';
import { Card } from './bot-entities.ts';
import {
  type CardRecord,
  cardsSentBefore,
  closeExpiredViews,
  type DeliveredCard,
  deleteCardsSentBefore,
  findCard,
  forgetCard,
  hasExpiredViews,
  markCardShown,
  markCardsStale,
  recordCards,
  saveCard,
  staleCards,
} from './cards.ts';
import type { Database } from './database.ts';
import { Booking } from './entities.ts';

const SENT_AT = new Date('2026-01-20T09:00:00.123Z');
const GROUP = -1_002_345_678_901;

const delivered = (booking_id: number, changes: Partial<DeliveredCard> = {}): DeliveredCard => ({
  chat_id: GROUP,
  message_id: 10,
  company_id: 1,
  booking_id,
  user_id: 3,
  audience: 'admin',
  event: '{"id":"e-1"}',
  view: '{"kind":"notification"}',
  return_to: 'card',
  version: 1,
  is_confirmed: false,
  sent_at: SENT_AT,
  ...changes,
});

function saved(booking_id: number, changes: Partial<CardRecord> = {}): CardRecord {
  const { is_confirmed: _, ...card } = delivered(booking_id);
  return { ...card, stale: false, view_expires_at: null, ...changes };
}

const book = (database: Database): Promise<number> =>
  database.write(async (tx) => await insertBooking(tx, await insertCompany(tx)));

const change = (database: Database, id: number) =>
  database.write(async (tx) => {
    await tx.nativeUpdate(Booking, { id }, { version: 2 });
    await markCardsStale(tx, id);
  });

const rowOf = async (database: Database, message_id = 10) => {
  const row = await findCard(database.read(), { chat_id: GROUP, message_id });
  return row && { ...row, id: undefined };
};

const staleIds = async (database: Database) =>
  (await staleCards(database, { afterId: 0, limit: 100 })).map(({ message_id }) => message_id);

describeOnEachDatabase('cards', ({ open }) => {
  test('are found by their message as they were recorded', async (t) => {
    const database = await open(t);
    const id = await book(database);
    await database.write((tx) => recordCards(tx, [delivered(id), delivered(id, { message_id: 11 }), delivered(id)]));
    assert.deepEqual(await rowOf(database), { ...saved(id), id: undefined });
    assert.deepEqual(await staleIds(database), []);
    assert.equal(await rowOf(database, 12), null);
  });

  test('are stale from the start when the booking changed before they were recorded', async (t) => {
    const database = await open(t);
    const id = await book(database);
    await change(database, id);
    await database.write((tx) =>
      recordCards(tx, [
        delivered(id),
        delivered(id, { message_id: 11, version: 2 }),
        delivered(99, { message_id: 12 }),
      ]),
    );
    assert.deepEqual(await staleIds(database), [10]);
  });

  test('are stale from the start when the client confirmed before they were recorded, and they do not say so', async (t) => {
    const database = await open(t);
    const id = await book(database);
    await database.write((tx) => tx.execute('UPDATE bookings SET confirmed_starts_at = starts_at WHERE id = ?', [id]));
    await database.write((tx) =>
      recordCards(tx, [delivered(id), delivered(id, { message_id: 11, is_confirmed: true })]),
    );
    assert.deepEqual(await staleIds(database), [10]);
  });

  test('stay as people left them when their delivery is recorded again', async (t) => {
    const database = await open(t);
    const id = await book(database);
    const menu = saved(id, { view: '{"kind":"menu"}', version: 2 });
    await database.write((tx) => saveCard(tx, menu));
    await database.write((tx) => recordCards(tx, [delivered(id)]));
    assert.deepEqual(await rowOf(database), { ...menu, id: undefined });
  });

  test('give way to another message of the same number', async (t) => {
    const database = await open(t);
    const id = await book(database);
    for (const event of [null, '{"id":"older"}']) {
      await database.write((tx) => saveCard(tx, saved(7, { event, view: '{"kind":"menu"}' })));
      await database.write((tx) => recordCards(tx, [delivered(id)]));
      assert.deepEqual(await rowOf(database), { ...saved(id), id: undefined });
    }
  });

  test('keep the question that was opened before their delivery was recorded', async (t) => {
    const database = await open(t);
    const id = await book(database);
    const view_expires_at = new Date('2026-01-20T09:15:00.000Z');
    const asked = saved(id, { event: null, view: '{"kind":"confirm_cancel"}', view_expires_at });
    await database.write((tx) => saveCard(tx, asked));
    await database.write((tx) => recordCards(tx, [delivered(id)]));
    assert.deepEqual(await rowOf(database), { ...asked, event: delivered(id).event, id: undefined });
  });

  test('of a changed booking are to be edited until they show it, and their dialogues end', async (t) => {
    const database = await open(t);
    const [id, other] = [await book(database), await book(database)];
    const view_expires_at = new Date('2026-01-20T09:15:00.000Z');
    await database.write(async (tx) => {
      await saveCard(tx, saved(id, { view: '{"kind":"confirm_cancel"}', view_expires_at }));
      await saveCard(tx, saved(other, { message_id: 11 }));
    });
    await change(database, id);
    assert.deepEqual(await rowOf(database), { ...saved(id, { stale: true }), id: undefined });
    const card = await findCard(database.read(), { chat_id: GROUP, message_id: 10 });
    const showing = (version: number) =>
      database.write((tx) => markCardShown(tx, { id: card?.id ?? 0, version, is_confirmed: false }));
    await showing(1);
    assert.deepEqual(await staleIds(database), [10]);
    await showing(2);
    assert.deepEqual(await rowOf(database), { ...saved(id, { version: 2 }), id: undefined });
    await database.write((tx) => markCardsStale(tx, id, 'client'));
    assert.equal((await rowOf(database))?.view, '{"kind":"notification","by":"client"}');
  });

  test('leave a dialogue whose time is up', async (t) => {
    const database = await open(t);
    const at = (minute: number) => new Date(SENT_AT.getTime() + minute * 60_000);
    await database.write(async (tx) => {
      await saveCard(tx, saved(1, { view: '{"kind":"confirm_cancel"}', view_expires_at: at(15) }));
      await saveCard(tx, saved(1, { message_id: 11, view: '{"kind":"confirm_cancel"}', view_expires_at: at(16) }));
    });
    assert.equal(await hasExpiredViews(database, at(14)), false);
    assert.equal(await hasExpiredViews(database, at(15)), true);
    assert.equal(await database.write((tx) => closeExpiredViews(tx, at(15))), 1);
    assert.deepEqual(await rowOf(database), { ...saved(1, { stale: true }), id: undefined });
    assert.deepEqual(await staleIds(database), [10]);
  });

  test('are listed by age and forgotten one by one', async (t) => {
    const database = await open(t);
    await database.write(async (tx) => {
      for (const [number, sent_at] of [new Date(2000), new Date(1000), new Date(3000)].entries())
        await saveCard(tx, saved(1, { message_id: number, sent_at }));
    });
    const old = await cardsSentBefore(database, { before: new Date(3000), limit: 9 });
    assert.deepEqual(
      old.map(({ message_id }) => message_id),
      [1, 0],
    );
    const rest = await cardsSentBefore(database, { before: new Date(3000), after: old[0], limit: 9 });
    assert.deepEqual(rest, old.slice(1));
    await database.write((tx) => forgetCard(tx, { chat_id: GROUP, message_id: 1 }));
    assert.equal(await database.read().count(Card), 2);
    assert.equal(await deleteCardsSentBefore(database, new Date(3000), 9), 1);
    assert.equal(await database.read().count(Card), 1);
  });
});
