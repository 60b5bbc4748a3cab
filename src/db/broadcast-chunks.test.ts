import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { type BroadcastEvent, chunkEventId } from '../domain/broadcasts.ts';
import { SYSTEM_INITIATOR } from '../domain/events.ts';
import { cutChunk, findChunk, hastenChunks, idsAmongOthers, offerDueChunks, openChunks } from './broadcast-chunks.ts';
import {
  activeBroadcasts,
  changeStatus,
  completeBroadcast,
  findBroadcast,
  insertBroadcast,
  liveBroadcasts,
  type StoredBroadcast,
  startBroadcast,
} from './broadcasts.ts';
import { chunksWithFailures, forgetFailures, settleChunk } from './chunk-results.ts';
import type { Database } from './database.ts';
import { type DeliveryRecord, logDeliveries } from './deliveries.ts';
import { closeOutboxRows, firstOpenRow, openOutboxRows } from './outbox.ts';
import { peopleAhead, tallyOfBroadcast } from './tallies.ts';

const AT = new Date('2026-01-28T11:00:00.000Z');
const later = (ms: number) => new Date(AT.getTime() + ms);
const OFFERED = { lane: 'broadcast', shares: 1, remainder: 0 } as const;

async function running(database: Database): Promise<StoredBroadcast> {
  const { company_id } = await database.write(insertCompany);
  const { id } = await database.write((tx) =>
    insertBroadcast(tx, {
      company_id,
      audience: {},
      content: { tg_html: 'x' },
      ad_template_id: null,
      allow_paid: false,
      is_test: false,
      initiated_by: SYSTEM_INITIATOR,
      trace: null,
      send_at: AT,
      created_at: AT,
    }),
  );
  const start = { audience_size: 5, last_user_id: 50, started_at: AT };
  assert.equal(await database.write((tx) => startBroadcast(tx, id, start)), true);
  assert.equal(await database.write((tx) => startBroadcast(tx, id, start)), false);
  return now(database, id);
}

async function now(database: Database, id: number): Promise<StoredBroadcast> {
  const found = await findBroadcast(database.read(), id);
  assert.ok(found);
  return found;
}

const eventOf = ({ id, company_id }: StoredBroadcast, chunk: number) =>
  ({ id: chunkEventId(id, chunk), company_id, broadcast_id: id, chunk }) as BroadcastEvent;

const logged = (
  { id, company_id }: StoredBroadcast,
  chunk: number,
  user_id: number,
  outcome: Pick<DeliveryRecord, 'status' | 'channel' | 'reason'>,
): DeliveryRecord => ({
  ...{ company_id, event_id: chunkEventId(id, chunk), event_type: 'broadcast', booking_id: null, user_id },
  ...{ role: 'client', attempts: 1, chat_id: null, message_id: null, finished_at: AT, ...outcome },
});

const SENT = { status: 'delivered', channel: 'telegram', reason: null } as const;
const FAILED = { status: 'dead', channel: 'telegram', reason: 'telegram_500: Internal' } as const;
const UNKNOWN = { status: 'dead', channel: 'telegram', reason: 'outcome_unknown: ECONNRESET' } as const;

/** All in one chunk. */
async function cutWhole(database: Database, broadcast: StoredBroadcast, user_ids: number[]): Promise<void> {
  const others = { user_ids: [], upTo: 50, isOfOthers: true };
  const ahead = await database.write((tx) => cutChunk(tx, broadcast, others, AT));
  assert.ok(ahead);
  const cut = { user_ids, upTo: 50, isOfOthers: false };
  assert.equal((await database.write((tx) => cutChunk(tx, ahead, cut, AT)))?.is_cut, true);
}

describeOnEachDatabase('chunks of a broadcast', ({ open }) => {
  test('are cut one after another, each with its people and its event', async (t) => {
    const database = await open(t);
    const first = await running(database);
    assert.equal(await peopleAhead(database.read()), 5);
    const cut = (broadcast: StoredBroadcast, user_ids: number[], upTo: number, isOfOthers = false) =>
      database.write((tx) => cutChunk(tx, broadcast, { user_ids, upTo, isOfOthers }, AT));
    const second = await cut(first, [3, 5], 5);
    assert.ok(second);
    // Somebody else was faster.
    assert.equal(await cut(first, [3, 5], 5), null);
    assert.deepEqual(await now(database, first.id), second);
    assert.deepEqual([second.cut_up_to, second.others_cut_up_to, second.chunks, second.is_cut], [5, 0, 1, false]);
    const third = await cut(second, [4, 9], 50, true);
    assert.ok(third);
    assert.deepEqual([third.cut_up_to, third.others_cut_up_to, third.chunks, third.is_cut], [5, 50, 2, false]);
    assert.equal((await cut(third, [], 50))?.is_cut, true);
    const cutUp = await now(database, first.id);
    // Four are in chunks; five had been counted.
    assert.deepEqual([cutUp.cut_up_to, cutUp.chunks, cutUp.is_cut, cutUp.audience_size], [50, 2, true, 4]);
    assert.deepEqual(await openChunks(database.read(), first.id), { offered: 1, offeredOfOthers: 1, waiting: 0 });
    assert.deepEqual(await idsAmongOthers(database.read(), first.id, [1, 4, 6]), new Set([4, 9]));
    assert.deepEqual(await idsAmongOthers(database.read(), first.id, [10, 20]), new Set());
    assert.deepEqual(await findChunk(database.read(), eventOf(first, 1)), { members: [3, 5], isFinished: false });
    assert.equal(await findChunk(database.read(), { ...eventOf(first, 1), company_id: 999 }), null);
    const rows = await openOutboxRows(database.read(), { afterId: 0, limit: 10, share: OFFERED });
    assert.deepEqual(
      rows.map(({ event_id, event }) => [event_id, JSON.parse(event).id]),
      [1, 2].map((chunk) => [`broadcast:${first.id}:${chunk}:1`, `broadcast:${first.id}:${chunk}`]),
    );
    assert.deepEqual(
      await openOutboxRows(database.read(), { afterId: 0, limit: 10, share: { ...OFFERED, lane: 'p2p' } }),
      [],
    );
  });

  test('are not cut while the broadcast is paused', async (t) => {
    const database = await open(t);
    const broadcast = await running(database);
    const pause = { from: 'running', to: 'paused', finished_at: null } as const;
    assert.equal(await database.write((tx) => changeStatus(tx, broadcast.id, pause)), true);
    assert.equal(await database.write((tx) => changeStatus(tx, broadcast.id, pause)), false);
    const cut = { user_ids: [3], upTo: 50, isOfOthers: false };
    assert.equal(await database.write((tx) => cutChunk(tx, broadcast, cut, AT)), null);
    assert.deepEqual(await activeBroadcasts(database.read(), later(1)), []);
    const live = { companyIds: [broadcast.company_id], followedIds: [], endedSince: AT };
    assert.equal((await liveBroadcasts(database.read(), live)).length, 1);
  });

  test('wait while people are missing in the log, and are offered again when due', async (t) => {
    const database = await open(t);
    const broadcast = await running(database);
    await cutWhole(database, broadcast, [3, 5]);
    const offers = () => openOutboxRows(database.read(), { afterId: 0, limit: 10, share: OFFERED });
    await database.write(async (tx) => {
      await logDeliveries(tx, [logged(broadcast, 1, 3, SENT)]);
      await closeOutboxRows(tx, await offers());
      await settleChunk(tx, eventOf(broadcast, 1), AT);
    });
    assert.deepEqual(await offers(), []);
    assert.equal(await database.write((tx) => completeBroadcast(tx, broadcast.id, AT)), false);
    const offerAt = (ms: number) => database.write((tx) => offerDueChunks(tx, broadcast, later(ms), 5));
    assert.equal(await offerAt(4_999), 0);
    assert.equal(await offerAt(5_000), 1);
    assert.equal(await offerAt(5_000), 0);
    assert.deepEqual(
      (await offers()).map(({ event_id }) => event_id),
      [`broadcast:${broadcast.id}:1:2`],
    );
    // The offer waits since now, however long ago it was first asked for.
    const offered = await firstOpenRow(database, { afterId: 0, share: OFFERED });
    assert.deepEqual(offered?.created_at, later(5_000));
    await database.write((tx) => settleChunk(tx, eventOf(broadcast, 1), AT));
    assert.equal(await offerAt(9_999), 0);
    await database.write((tx) => hastenChunks(tx, broadcast.id, AT));
    assert.equal(await offerAt(0), 1);

    await database.write(async (tx) => {
      await logDeliveries(tx, [logged(broadcast, 1, 5, FAILED)]);
      await settleChunk(tx, eventOf(broadcast, 1), AT);
    });
    assert.equal(await offerAt(3_600_000), 0);
    assert.equal(await database.write((tx) => completeBroadcast(tx, broadcast.id, AT)), true);
    assert.equal(await peopleAhead(database.read()), 0);
  });

  test('are counted, and those who failed are struck from the log to be told again', async (t) => {
    const database = await open(t);
    const broadcast = await running(database);
    await cutWhole(database, broadcast, [3, 5, 7]);
    const tally = async () => {
      const found = await tallyOfBroadcast(database.read(), broadcast, AT);
      const kinds = found.tally.map(({ status, reason, count }) => `${status} ${reason} ${count}`);
      return { kinds: kinds.toSorted(), arrivedLately: found.arrivedLately };
    };
    const rows = [logged(broadcast, 1, 3, SENT), logged(broadcast, 1, 5, FAILED), logged(broadcast, 1, 7, UNKNOWN)];
    await database.write((tx) => logDeliveries(tx, rows));
    const whole = {
      kinds: ['dead outcome_unknown 1', 'dead telegram_500 1', 'delivered null 1'],
      arrivedLately: 1,
    };
    assert.deepEqual(await tally(), whole);
    // On its way: who has failed is not counted yet.
    assert.deepEqual(await chunksWithFailures(database.read(), broadcast.id), [1]);
    await database.write((tx) => settleChunk(tx, eventOf(broadcast, 1), AT));
    assert.deepEqual(await tally(), whole);
    assert.deepEqual(await chunksWithFailures(database.read(), broadcast.id), [1]);
    const strike = () =>
      database.write((tx) => forgetFailures(tx, broadcast, 1, { except: 'outcome_unknown', now: AT }));
    assert.equal(await strike(), 1);
    assert.equal(await strike(), 0);
    assert.deepEqual((await tally()).kinds, ['dead outcome_unknown 1', 'delivered null 1']);
    assert.equal(await database.write((tx) => offerDueChunks(tx, broadcast, AT, 5)), 1);
  });
});
