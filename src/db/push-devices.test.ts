import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import type { Database } from './database.ts';
import { PushSubscription, User } from './entities.ts';
import { createDevicesReader, forgetDevices } from './push-devices.ts';
import { findRow } from './rows.ts';

type Ids = Awaited<ReturnType<typeof insertCompany>>;

const subscribe = (database: Database, { company_id }: Ids, user_id: number, endpoint: string) =>
  database.write((tx) =>
    tx.insert(PushSubscription, {
      ...{ company_id, user_id, endpoint, p256dh: 'p', auth: 'a', vapid_key: 'v' },
      created_at: new Date('2026-01-20T09:00:00.000Z'),
    }),
  );

describeOnEachDatabase('push devices', (databases) => {
  test('are read for many users at once, each their own, the oldest first', async (t) => {
    const database = await databases.open(t);
    const ids = await database.write(insertCompany);
    const { company_id, client_id, specialist_id } = ids;
    for (const endpoint of ['c1', 'c2']) await subscribe(database, ids, client_id, endpoint);
    await subscribe(database, ids, specialist_id, 's1');
    const devicesOf = createDevicesReader(database);
    const asks = [client_id, 999, specialist_id, client_id].map((user_id) => devicesOf({ company_id, user_id }));
    const answers = await Promise.all([...asks, devicesOf({ company_id: company_id + 1, user_id: client_id })]);
    const endpoints = answers.map((devices) => devices.map(({ endpoint }) => endpoint));
    assert.deepEqual(endpoints, [['c1', 'c2'], [], ['s1'], ['c1', 'c2'], []]);
  });

  test('that have ended are deleted, unless they were renewed; who has none left is marked', async (t) => {
    const database = await databases.open(t);
    const ids = await database.write(insertCompany);
    const { company_id, client_id } = ids;
    const kept = await subscribe(database, ids, client_id, 'kept');
    const renewed = await subscribe(database, ids, client_id, 'renewed');
    const gone = await subscribe(database, ids, client_id, 'gone');
    const devicesOf = createDevicesReader(database);
    const left = async () => (await devicesOf({ company_id, user_id: client_id })).map(({ endpoint }) => endpoint);
    const mark = async () => (await findRow(database.read(), User, { id: client_id }))?.web_push_unreachable;

    const ended = [
      { id: gone, endpoint: 'gone' },
      { id: renewed, endpoint: 'as it was' },
    ];
    await forgetDevices(database, client_id, ended, new Date());
    assert.deepEqual([await left(), await mark()], [['kept', 'renewed'], null]);
    const others = [
      { id: kept, endpoint: 'kept' },
      { id: renewed, endpoint: 'renewed' },
    ];
    await forgetDevices(database, client_id, others, new Date());
    assert.deepEqual([await left(), await mark()], [[], 'unsubscribed']);
  });
});
