import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUp, describeOnEachDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { insertCompany } from '#test/support/rows.ts';
import { ApiKey } from '../db/api-key-entity.ts';
import { insertApiKey, markApiKeysUsed, revokeApiKey } from '../db/api-keys.ts';
import type { Database, Sql } from '../db/database.ts';
import { findRow, findRows } from '../db/rows.ts';
import { createLog } from '../observability/log.ts';
import { digestOf, newApiKey, prefixOf } from './api-key.ts';
import { createKeyRing } from './key-ring.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');

async function insertKey(database: Database, company_id: number, key: string, expires_at: Date | null = null) {
  const { id } = await database.write((tx) =>
    insertApiKey(tx, {
      ...{ company_id, name: 'crm', prefix: prefixOf(key), hash: digestOf(key).toString('hex') },
      ...{ scopes: ['read'], created_at: NOW, expires_at },
    }),
  );
  return id;
}

describeOnEachDatabase('the key ring', ({ open }) => {
  test('knows the keys from its start on, by the whole key alone, and until they expire', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const [key, expiring] = [newApiKey(), newApiKey()];
    const id = await insertKey(database, company_id, key);
    await insertKey(database, company_id, expiring, new Date(NOW.getTime() + 1));
    let now = NOW;
    const ring = createKeyRing({ database, clock: () => now, log: createLog('silent') });
    await ring.start();
    cleanUp(t, () => ring.stop());
    const find = (text: string) => ring.find(text, digestOf(text));
    assert.deepEqual([find(key)?.id, find(key)?.company_id], [id, company_id]);
    for (const wrong of ['', 'vk_', prefixOf(key), `${key}x`, key.slice(0, -1), newApiKey()])
      assert.equal(find(wrong), undefined);
    const held = find(expiring);
    assert.notEqual(held, undefined);
    now = new Date(NOW.getTime() + 1);
    assert.equal(find(expiring), undefined);
    await eventually(() => assert.equal(held?.ended.aborted, true), 5_000);
  });

  test('follows the database, and writes the last use once in a while', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const ring = createKeyRing({ database, clock: () => NOW, log: createLog('silent'), tellUseEveryMs: 50 });
    await ring.start();
    cleanUp(t, () => ring.stop());
    const key = newApiKey();
    const id = await insertKey(database, company_id, key);
    const find = () => ring.find(key, digestOf(key));
    await eventually(() => assert.equal(find()?.id, id), 5_000);
    const held = find();
    const stored = () => findRow(database.read(), ApiKey, { id });
    await eventually(async () => assert.deepEqual((await stored())?.last_used_at, NOW), 5_000);
    await database.write((tx) => revokeApiKey(tx, id, NOW));
    await eventually(() => assert.equal(find(), undefined), 5_000);
    assert.equal(held?.ended.aborted, true);
  });

  test('looks no more often for any number of unknown keys, and keeps those it knows while the database is away', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const key = newApiKey();
    await insertKey(database, company_id, key);
    let reads = 0;
    let away = false;
    const watched: Pick<Database, 'read' | 'write'> = {
      write: database.write,
      read() {
        reads += 1;
        if (away) throw new Error('away');
        return database.read();
      },
    };
    const ring = createKeyRing({ database: watched, clock: () => NOW, log: createLog('silent') });
    await ring.start();
    cleanUp(t, () => ring.stop());
    reads = 0;
    const startedAt = performance.now();
    while (performance.now() - startedAt < 800) {
      for (let n = 0; n < 100; n += 1) ring.find('vk_unknown', digestOf(`vk_unknown${n}`));
      await sleep(5);
    }
    assert.ok(reads >= 1 && reads <= 4, `${reads} looks`);
    away = true;
    await sleep(600);
    assert.notEqual(ring.find(key, digestOf(key)), undefined);
  });

  test('ends a key that expires while the database does not answer', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const key = newApiKey();
    await insertKey(database, company_id, key, new Date(NOW.getTime() + 1));
    let hangs = false;
    let hanging = 0;
    let letGo = (): void => undefined;
    const held = new Promise<never>((_, reject) => {
      letGo = () => reject(new Error('away'));
    });
    const execute = () => {
      hanging += 1;
      return held;
    };
    const silent = { execute } as unknown as Sql;
    const slow: Pick<Database, 'read' | 'write'> = {
      write: database.write,
      read: () => (hangs ? silent : database.read()),
    };
    let now = NOW;
    const ring = createKeyRing({ database: slow, clock: () => now, log: createLog('silent') });
    await ring.start();
    cleanUp(t, async () => {
      letGo();
      await ring.stop();
    });
    const found = ring.find(key, digestOf(key));
    assert.equal(found?.ended.aborted, false);
    hangs = true;
    await eventually(() => assert.equal(hanging, 1), 5_000);
    now = new Date(NOW.getTime() + 1);
    await eventually(() => assert.equal(found?.ended.aborted, true), 5_000);
  });

  test('tells the last use when the database can write again', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const key = newApiKey();
    const id = await insertKey(database, company_id, key);
    let refused = 0;
    const failing: Pick<Database, 'read' | 'write'> = {
      read: database.read,
      write(work) {
        if (refused === 2) return database.write(work);
        refused += 1;
        return Promise.reject(new Error('away'));
      },
    };
    const ring = createKeyRing({ database: failing, clock: () => NOW, log: createLog('silent'), tellUseEveryMs: 50 });
    await ring.start();
    cleanUp(t, () => ring.stop());
    ring.find(key, digestOf(key));
    const stored = () => findRow(database.read(), ApiKey, { id });
    await eventually(async () => assert.deepEqual((await stored())?.last_used_at, NOW), 10_000);
    assert.equal(refused, 2);
  });

  test('keeps the latest use of all that processes tell, whatever their order', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const [first, second] = [
      await insertKey(database, company_id, newApiKey()),
      await insertKey(database, company_id, newApiKey()),
    ];
    const [early, late] = [NOW, new Date(NOW.getTime() + 60_000)];
    const tell = (uses: [number, Date][]) => database.write((tx) => markApiKeysUsed(tx, uses));
    await tell([[first, late]]);
    // In one transaction each, both rows in either order: neither may wait for the other.
    await Promise.all([
      tell([
        [second, late],
        [first, early],
      ]),
      tell([
        [first, early],
        [second, early],
      ]),
    ]);
    const rows = await findRows(database.read(), ApiKey, {}, { orderBy: { id: 'asc' } });
    assert.deepEqual(
      rows.map(({ last_used_at }) => last_used_at),
      [late, late],
    );
  });
});
