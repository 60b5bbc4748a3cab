import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { BotUpdate, UsedLink } from '../db/bot-entities.ts';
import { deleteAbandonedUpdates, deleteDoneUpdates } from '../db/bot-updates.ts';
import { deleteExpiredLinks } from '../db/used-links.ts';
import type { BotResponse } from './bot-response.ts';
import { createUpdateInbox } from './update-inbox.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const later = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);
const ANSWER: BotResponse = { kind: 'answer', query_id: '1', text: '', alert: false };
const SEND: BotResponse = { kind: 'send', chat_id: -100_123, html: 'hi', keyboard: [] };
const update = (update_id: number, chat_id = 7) => ({ update_id, chat_id, body: JSON.stringify({ update_id }) });

describeOnEachDatabase('the inbox', ({ open, openTwice }) => {
  test('keeps updates in the order of their arrival, each once, and those of another bot apart', async (t) => {
    const database = await open(t);
    const inbox = createUpdateInbox({ database, botId: 1, clock: () => NOW });
    const other = createUpdateInbox({ database, botId: 2, clock: () => NOW });
    await inbox.store([update(11), update(12, -100_123_456_789)]);
    await inbox.store([update(12), update(10), update(10)]);
    await other.store([update(11)]);
    const places = await inbox.open(0, 10);
    const found = await Promise.all(places.map(({ id }) => inbox.find(id)));
    assert.deepEqual(
      found.map((row) => row?.update_id),
      [11, 12, 10],
    );
    assert.deepEqual(
      places.map(({ chat_id }) => chat_id),
      [7, -100_123_456_789, 7],
    );
    assert.equal((await inbox.open(places[0]?.id ?? 0, 1)).length, 1);
  });

  test('an update is acted on once, and what was decided stays', async (t) => {
    const [one, two] = await openTwice(t);
    const [inbox, rival] = [one, two].map((database) => createUpdateInbox({ database, botId: 1, clock: () => NOW }));
    assert.ok(inbox && rival);
    await inbox.store([update(1)]);
    const id = (await inbox.open(0, 1))[0]?.id ?? 0;
    let acts = 0;
    const act = async () => {
      acts += 1;
      return [ANSWER, SEND];
    };
    const shown = await Promise.all([inbox.decide(id, act), rival.decide(id, act)]);
    assert.deepEqual(shown, [
      [ANSWER, SEND],
      [ANSWER, SEND],
    ]);
    assert.equal(acts, 1);
    await inbox.keep(id, [SEND]);
    assert.deepEqual((await inbox.find(id))?.responses, [SEND]);
    await inbox.finish(id);
    assert.equal(await inbox.find(id), null);
    assert.deepEqual(await inbox.decide(id, act), []);
    assert.equal(acts, 1);
    const [row] = await one.read().find(BotUpdate, {});
    assert.deepEqual([row?.body, row?.responses, row?.done_at], ['', '[]', NOW]);
  });

  test('an act that throws leaves the update as it was', async (t) => {
    const inbox = createUpdateInbox({ database: await open(t), botId: 1, clock: () => NOW });
    await inbox.store([update(1)]);
    const id = (await inbox.open(0, 1))[0]?.id ?? 0;
    await assert.rejects(
      inbox.decide(id, () => Promise.reject(new Error('a bug'))),
      /a bug/,
    );
    assert.equal((await inbox.find(id))?.responses, null);
    assert.deepEqual(await inbox.decide(id, async () => []), []);
    assert.deepEqual((await inbox.find(id))?.responses, []);
  });

  test('what was done long ago is deleted, a bounded number at a time, and what is open stays', async (t) => {
    const database = await open(t);
    let now = NOW;
    const inbox = createUpdateInbox({ database, botId: 1, clock: () => now });
    await inbox.store([1, 2, 3, 4].map((id) => update(id)));
    for (const { id } of (await inbox.open(0, 2)).values()) await inbox.finish(id);
    now = later(1);
    await inbox.finish((await inbox.open(0, 1))[0]?.id ?? 0);
    assert.equal(await deleteDoneUpdates(database, later(1), 1), 1);
    assert.equal(await deleteDoneUpdates(database, later(1), 10), 1);
    assert.equal(await deleteDoneUpdates(database, later(1), 10), 0);
    assert.equal(await database.read().count(BotUpdate, {}), 2);
  });

  test('what nobody has handled for weeks is deleted, whichever bot it was for', async (t) => {
    const database = await open(t);
    await createUpdateInbox({ database, botId: 1, clock: () => NOW }).store([update(1)]);
    const inbox = createUpdateInbox({ database, botId: 2, clock: () => later(2) });
    await inbox.store([update(1)]);
    assert.equal(await deleteAbandonedUpdates(database, later(1), 10), 1);
    assert.equal((await inbox.open(0, 10)).length, 1);
  });

  test('used links are forgotten when they would have expired', async (t) => {
    const database = await open(t);
    await database.write(async (tx) => {
      for (const hours of [-1, 1])
        await tx.insert(UsedLink, { token_hash: `hash ${hours}`, tg_id: 7, expires_at: later(hours) });
    });
    assert.equal(await deleteExpiredLinks(database, NOW, 10), 1);
    const left = await database.read().find(UsedLink, {});
    assert.deepEqual(
      left.map(({ token_hash }) => token_hash),
      ['hash 1'],
    );
  });
});
