import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTITIES } from '#src/db/entities.ts';
import { openSalon, shown } from '../support/salon.ts';
import { startVestnik, type Vestnik } from '../support/vestnik.ts';
import { HOSTILE_TEXTS } from './hostile-values.ts';

/** Text that stays as it is wherever it goes: without line breaks and invisible characters, which messages leave out. */
const VISIBLE = HOSTILE_TEXTS.filter((text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text.replaceAll('\u200D', '')));
const upTo = (text: string, length: number): string => [...text].slice(0, length).join('').trim() || 'x';

interface Place {
  path: string;
  /** A whole body with the text in every field that takes any. */
  bodyOf(text: string, n: number): Record<string, unknown>;
  /** Those of its columns that the list filters by. */
  filters: string[];
}

const company_id = 1;
const PLACES: Place[] = [
  {
    path: '/v1/companies',
    bodyOf: (text) => ({
      name: text,
      time_zone: 'UTC',
      ad_advertiser: upTo(text, 128),
      ad_marking_token: upTo(text, 64),
    }),
    filters: ['name'],
  },
  { path: '/v1/locations', bodyOf: (text) => ({ company_id, name: text, time_zone: null }), filters: ['name'] },
  {
    path: '/v1/services',
    bodyOf: (text) => ({ company_id, name: text, external_id: text, duration_min: 60 }),
    filters: ['name', 'external_id'],
  },
  {
    path: '/v1/users',
    bodyOf: (text) => ({ company_id, role: 'client', name: text, phone: upTo(text, 32), external_id: text }),
    filters: ['name', 'external_id', 'phone'],
  },
  {
    path: '/v1/ad-templates',
    bodyOf: (text) => ({ company_id, name: text, content_tg: 'x', content_html: text }),
    filters: ['name'],
  },
  {
    path: '/v1/bookings',
    bodyOf: (text, n) => ({
      ...{ company_id, client_id: 1, specialist_id: 2, service_id: 1, external_id: text, notify: false },
      starts_at: new Date(Date.UTC(2027, 0, 4) + n * 3_600_000).toISOString(),
    }),
    filters: ['external_id'],
  },
];

/** What is stored, table by table, and the tables themselves. */
async function everything({ database }: Vestnik): Promise<Map<string, object[]>> {
  const reader = database.read();
  const tables = ENTITIES.map(({ meta }) => meta.tableName);
  const rows = await Promise.all(tables.map((table) => reader.execute<object[]>(`SELECT * FROM ${table} ORDER BY 1`)));
  const schema = await reader.execute<object[]>('SELECT type, name, sql FROM sqlite_master ORDER BY name');
  return new Map([['schema', schema], ...tables.map((table, n): [string, object[]] => [String(table), rows[n] ?? []])]);
}

const OURS = ['companies', 'locations', 'services', 'users', 'ad_templates', 'bookings', 'notification_settings'];

test('SQL and HTML in a text field are stored and found as they are, and change nothing else', async (t) => {
  const vestnik = await startVestnik(t, { env: { ROLES: 'api' } });
  await openSalon(vestnik);
  const before = await everything(vestnik);
  for (const { path, bodyOf, filters } of PLACES)
    for (const [n, text] of HOSTILE_TEXTS.entries()) {
      const sent = bodyOf(text, n);
      const made = await vestnik.create(path, sent);
      const read = (await vestnik.call('GET', `${path}/${made.id}`)).body;
      for (const [field, value] of Object.entries(sent)) {
        if (field === 'notify') continue;
        assert.deepEqual([made[field], read[field]], [value, value], `${path} ${field}`);
      }
      for (const filter of filters) {
        const { body } = await vestnik.call('GET', `${path}?${filter}=${encodeURIComponent(String(sent[filter]))}`);
        const found: Record<string, unknown>[] = body.items;
        assert.equal(
          found.some(({ id }) => id === made.id),
          true,
          `${path} ${filter}`,
        );
        assert.deepEqual([...new Set(found.map((item) => item[filter]))], [sent[filter]], `${path} ${filter}`);
      }
    }
  const after = await everything(vestnik);
  assert.deepEqual(after.get('schema'), before.get('schema'));
  for (const [table, rows] of before) {
    const now = after.get(table) ?? [];
    assert.deepEqual(now.slice(0, rows.length), rows, table);
    assert.equal(now.length > rows.length, OURS.includes(table), table);
  }
});

test('SQL in a filter, a cursor or an id finds nothing and breaks nothing', async (t) => {
  const vestnik = await startVestnik(t, { env: { ROLES: 'api' } });
  await openSalon(vestnik);
  const before = await everything(vestnik);
  const cursors = [
    ...HOSTILE_TEXTS,
    'after:1 OR 1=1',
    'after:1; DROP TABLE users',
    'after:-1',
    'after:1e3',
    'before:1',
  ];
  const lists = [
    'companies',
    'locations',
    'services',
    'users',
    'ad-templates',
    'bookings',
    'broadcasts',
    'deliveries',
    'notification-settings',
  ];
  for (const list of lists) {
    for (const cursor of cursors.flatMap((text) => [text, Buffer.from(text).toString('base64url')])) {
      const { status } = await vestnik.call('GET', `/v1/${list}?cursor=${encodeURIComponent(cursor)}`);
      assert.equal(status, 400, `${list} ${cursor}`);
    }
    for (const text of HOSTILE_TEXTS) {
      const value = encodeURIComponent(text);
      assert.equal((await vestnik.call('GET', `/v1/${list}/${value}`)).status, 404, `${list} ${text}`);
      for (const name of ['company_id', 'limit', value]) {
        const { status } = await vestnik.call('GET', `/v1/${list}?${name}=${value}`);
        assert.equal(status, 400, `${list} ${name} ${text}`);
      }
    }
  }
  for (const text of HOSTILE_TEXTS)
    for (const path of [
      'deliveries?event_id=',
      'users?telegram_unreachable=',
      'companies?time_zone=',
      'dead-letters?company_id=1&cursor=',
    ]) {
      const { status, body } = await vestnik.call('GET', `/v1/${path}${encodeURIComponent(text)}`);
      assert.deepEqual(status === 200 ? body.items : status, status === 200 ? [] : 400, `${path}${text}`);
    }
  assert.deepEqual(await everything(vestnik), before);
});

test('markup in names arrives as text on every phone', async (t) => {
  const vestnik = await startVestnik(t);
  assert.equal(VISIBLE.length > 10, true);
  for (const text of VISIBLE) {
    const salon = await openSalon(vestnik, {
      client: { name: text, phone: upTo(text, 32) },
      specialist: { name: text },
    });
    await vestnik.call('PATCH', `/v1/services/${salon.serviceId}`, { name: text });
    await salon.book('other_admin', { external_id: text });
    await vestnik.settled();
    const [card = ''] = shown(vestnik, salon, 'admin');
    assert.equal(card.split(text).length - 1 >= 3, true, `${text} in ${card}`);
    for (const person of ['client', 'specialist'] as const) assert.equal(shown(vestnik, salon, person).length, 1, text);
  }
  const refused = vestnik.telegram
    .requests()
    .filter(({ method, outcome }) => method === 'sendmessage' && outcome?.status !== 200);
  assert.deepEqual(refused, []);
});
