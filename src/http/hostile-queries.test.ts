import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64url');

const CURSORS = [
  ...['after:0', 'after:2147483648', 'after:9007199254740993', 'after:9999999999999999', 'after:1\n', 'after:-1'],
  ...['after:1:1', 'after:99999999999999:1', 'after:1:9999999999999999', 'after:0:9007199254740993', 'p2p:9999:1-1'],
  ...['p2p:0:18446744073709551615-18446744073709551615', 'p2p:0:18446744073709551616-0', '\0', '\u202e'],
].map(encoded);
const VALUES = [
  ...['', ' ', '0', '-1', '1e3', '2147483647', '2147483648', '9007199254740993', '99999999999999999999', 'NaN'],
  ...['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59.999Z'],
  ...['9999-12-31T23:59:59-23:59', '275760-09-13T00:00:00Z', '2026-02-30T00:00:00Z', '0000-01-01', '0001-01-01'],
  ...['9999-12-31', '\0', 'a\0b', '\u0007', '\u202e', "' OR 1=1 --", '%', '_', 'x'.repeat(5_000), '[]', 'true'],
  ...CURSORS,
];
const IDS = ['0', '-1', '2147483647', '2147483648', '9007199254740993', '%00', '%E0%A4%A', '..%2f', 'p2p:0:1-1'];

/** What else a query must have. */
const NEEDED: Record<string, Record<string, string>> = {
  '/v1/slots': { specialist_id: '3', service_id: '1', date: '2026-12-28' },
  '/v1/deliveries/explain': { event_id: 'e', user_id: '1' },
  '/v1/live': { company_id: '1' },
};

describeOnEachDatabase('a GET', (databases) => {
  test('is answered or refused, whatever its query and its path hold, and never fails', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    await makeSalon(api);
    const statuses = new Map<number, number>();
    const failures: string[] = [];
    const ask = async (path: string) => {
      const { status } = await api.call('GET', path);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 500) failures.push(path);
    };
    for (const { method, path, schemas } of api.routes()) {
      if (method !== 'GET' || !path.startsWith('/v1/')) continue;
      if (path.includes('{id}')) await Promise.all(IDS.map((id) => ask(path.replace('{id}', id))));
      const names = schemas.query instanceof z.ZodObject ? Object.keys(schemas.query.shape) : [];
      for (const name of names) {
        const queries = VALUES.map((value) => new URLSearchParams({ ...NEEDED[path], [name]: value }));
        await Promise.all(queries.map((query) => ask(`${path.replace('{id}', '3')}?${query}`)));
      }
    }
    assert.deepEqual(failures, []);
    // Some are good, some are bad: the values reach what they are for.
    for (const status of [200, 400, 404]) assert.ok((statuses.get(status) ?? 0) > 10, String(status));
  });
});
