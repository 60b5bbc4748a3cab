import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/core';
import { describeOnEachDatabase } from '#test/support/database.ts';
import type { Database } from './database.ts';
import { Company } from './entities.ts';
import { DatabaseError } from './errors.ts';

const AT = new Date('2026-01-28T11:00:00.000Z');

const insertCompany = (tx: EntityManager, name: string): Promise<number> =>
  tx.insert(Company, { name, time_zone: 'UTC', created_at: AT });

const namesIn = async (database: Database): Promise<string[]> =>
  (await database.read().find(Company, {}, { orderBy: { id: 'asc' } })).map(({ name }) => name);

const hasCode = (code: string) => (error: unknown) => error instanceof DatabaseError && error.code === code;

describeOnEachDatabase('a group commit', ({ open, openTwice }) => {
  test('undoes the work that fails, and only that one', async (t) => {
    const database = await open(t);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) =>
        database.write(async (tx) => {
          await insertCompany(tx, `c${number}`);
          if (number % 5 === 0) throw new Error(`refused ${number}`);
          return number;
        }),
      ),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.message] : []));
    assert.deepEqual(refused, ['refused 0', 'refused 5', 'refused 10', 'refused 15']);
    assert.deepEqual(
      await namesIn(database),
      Array.from({ length: 20 }, (_, number) => `c${number}`).filter((_, number) => number % 5 !== 0),
    );
  });

  test('undoes a work that a constraint refused, and the next ones go on', async (t) => {
    const database = await open(t);
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertCompany(tx, 'before')),
      database.write(async (tx) => {
        await insertCompany(tx, 'never');
        await tx.execute("INSERT INTO companies (name) VALUES ('no zone')");
      }),
      database.write((tx) => insertCompany(tx, 'after')),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(await namesIn(database), ['before', 'after']);
  });

  test('runs works strictly one after another, in the order they came', async (t) => {
    const database = await open(t);
    const steps: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        database.write(async (tx) => {
          steps.push(`${name} begins`);
          await insertCompany(tx, name);
          await sleep(2);
          steps.push(`${name} ends`);
        }),
      ),
    );
    assert.deepEqual(steps, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  test('shows a work what its neighbours wrote, and others nothing before the commit', async (t) => {
    const database = await open(t);
    let seenOutside = -1;
    const [, seenInside] = await Promise.all([
      database.write((tx) => insertCompany(tx, 'a')),
      database.write(async (tx) => {
        seenOutside = await database.read().count(Company);
        return tx.count(Company);
      }),
    ]);
    assert.deepEqual([seenInside, seenOutside], [1, 0]);
  });

  test('lets a read see every write that was answered before it', async (t) => {
    const database = await open(t);
    for (let number = 1; number <= 50; number += 1) {
      await database.write((tx) => insertCompany(tx, `c${number}`));
      assert.equal(await database.read().count(Company), number);
    }
  });

  test('hands every read fresh rows', async (t) => {
    const database = await open(t);
    const id = await database.write((tx) => insertCompany(tx, 'old'));
    const before = await database.read().findOneOrFail(Company, { id });
    await database.write((tx) => tx.nativeUpdate(Company, { id }, { name: 'new' }));
    const after = await database.read().findOneOrFail(Company, { id });
    assert.deepEqual([before.name, after.name], ['old', 'new']);
  });

  test('takes all of MikroORM inside a work', async (t) => {
    const database = await open(t);
    const row = { time_zone: 'UTC', created_at: AT };
    await database.write(async (tx) => {
      await tx.insertMany(Company, [
        { ...row, name: 'a' },
        { ...row, name: 'b' },
      ]);
      await tx.upsert(Company, { ...row, id: 1, name: 'upserted' });
      await tx.nativeDelete(Company, { name: 'b' });
      tx.persist(tx.create(Company, { ...row, name: 'flushed' }));
      await tx.flush();
      await tx.transactional(async (inner) => {
        await inner.insert(Company, { ...row, name: 'inner' });
      });
      await tx.qb(Company).update({ time_zone: 'Asia/Tokyo' }).where({ name: 'inner' });
      await tx.execute('UPDATE companies SET name = ? WHERE name = ?', ['it\'s "raw" ?', 'flushed']);
    });
    const rows = await database.read().find(Company, {}, { orderBy: { id: 'asc' } });
    assert.deepEqual(
      rows.map(({ name, time_zone }) => [name, time_zone]),
      [
        ['upserted', 'UTC'],
        ['it\'s "raw" ?', 'UTC'],
        ['inner', 'Asia/Tokyo'],
      ],
    );
  });

  test('takes back what was flushed by a work that fails', async (t) => {
    const database = await open(t);
    const failed = database.write(async (tx) => {
      tx.persist(tx.create(Company, { name: 'flushed', time_zone: 'UTC', created_at: AT }));
      await tx.flush();
      await tx.transactional((inner) => insertCompany(inner, 'inner'));
      throw new Error('refused');
    });
    await assert.rejects(failed, /refused/);
    assert.deepEqual(await namesIn(database), []);
  });

  test('refuses to write on the reading connection', async (t) => {
    const database = await open(t);
    await assert.rejects(insertCompany(database.read(), 'x'), /read-?only/);
  });

  test('gives two processes ids in the order of their commits', async (t) => {
    const databases = await openTwice(t);
    const seen: number[] = [];
    let writing = true;
    const following = (async () => {
      for (let last = false; !last; ) {
        last = !writing;
        const rows = await databases[0]
          .read()
          .find(Company, { id: { $gt: seen.at(-1) ?? 0 } }, { orderBy: { id: 'asc' } });
        seen.push(...rows.map(({ id }) => id));
      }
    })();
    const write = async (database: Database) => {
      for (let round = 0; round < 20; round += 1)
        await Promise.all(Array.from({ length: 5 }, () => database.write((tx) => insertCompany(tx, 'x'))));
    };
    await Promise.all(databases.map(write));
    writing = false;
    await following;
    assert.equal(seen.length, 200);
  });

  test('finishes what was accepted before it closes, and refuses what comes later', async (t) => {
    const [database, other] = await openTwice(t);
    const accepted = Array.from({ length: 300 }, (_, number) =>
      database.write((tx) => insertCompany(tx, `c${number}`)),
    );
    const closing = database.close();
    await assert.rejects(
      database.write((tx) => insertCompany(tx, 'late')),
      hasCode('database_closed'),
    );
    await Promise.all([closing, database.close(), ...accepted]);
    assert.equal(await other.read().count(Company), 300);
  });

  test('answers a ping, and not once it is closed', async (t) => {
    const database = await open(t);
    await database.ping();
    await database.close();
    await assert.rejects(database.ping());
  });
});
