import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Delivery } from '#src/db/event-entities.ts';
import { WebhookEndpoint, WebhookMessage } from '#src/db/webhook-entities.ts';
import { BOOKING_EVENT_TYPES, RECIPIENT_ROLES } from '#src/domain/events.ts';
import { bookingBody, makeSalon, startTestApi, type TestApi, type TestSalon } from './support/api.ts';
import { describeOnEachDatabase, type TestDatabases } from './support/database.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';

const AT_FIRST = 20;

type Id = number | string;
interface List {
  path: string;
  add(n: number): Promise<Id>;
  remove(id: Id): Promise<unknown>;
}

interface World {
  api: TestApi;
  salon: TestSalon;
  redis: TestRedis['redis'];
}

async function openWorld(t: TestContext, databases: TestDatabases): Promise<World> {
  const { redis } = await startTestRedis(t);
  const api = await startTestApi(t, { database: await databases.open(t), redis });
  return { api, salon: await makeSalon(api), redis };
}

const COMBINATIONS = BOOKING_EVENT_TYPES.flatMap((event_type) =>
  RECIPIENT_ROLES.flatMap((recipient_role) =>
    ['telegram', 'web_push'].map((channel) => ({ event_type, recipient_role, channel })),
  ),
);

/** Every list of the API, with what comes and goes in it. */
function listsOf({ api, salon, redis }: World): List[] {
  const { company_id } = salon;
  const plain = (path: string, bodyOf: (n: number) => object): List => ({
    path,
    add: async (n) => (await api.ok('POST', path, bodyOf(n))).id,
    remove: (id) => api.ok('DELETE', `${path}/${id}`),
  });
  const made = (path: string, body: object, remove: List['remove']): List => ({
    ...plain(path, () => ({ company_id, ...body })),
    remove,
  });
  const deleteFrom =
    (table: string, key = 'id') =>
    (id: Id) =>
      api.database.write((tx) => tx.execute(`DELETE FROM ${table} WHERE ${key} = ?`, [id]));
  return [
    plain('/v1/companies', () => ({ name: 'A', time_zone: 'UTC' })),
    plain('/v1/locations', () => ({ company_id, name: 'A' })),
    plain('/v1/services', () => ({ company_id, name: 'A', duration_min: 5 })),
    plain('/v1/users', () => ({ company_id, role: 'client', name: 'A' })),
    plain('/v1/ad-templates', () => ({ company_id, name: 'A', content_tg: 'A' })),
    plain('/v1/notification-settings', (n) => ({ company_id, ...COMBINATIONS[n] })),
    made('/v1/bookings', { ...bookingBody(salon), allow_overlap: true }, deleteFrom('bookings')),
    made('/v1/broadcasts', { audience: {}, content: { tg_html: 'A' } }, deleteFrom('broadcasts')),
    { path: '/v1/deliveries', add: (n) => addDelivery(api, salon, n), remove: deleteFrom('deliveries') },
    {
      path: '/v1/webhook-endpoints',
      add: () => addEndpoint(api, company_id),
      remove: deleteFrom('webhook_endpoints'),
    },
    {
      path: '/v1/webhook-messages',
      add: (n) => addWebhookMessage(api, company_id, n),
      remove: deleteFrom('webhook_messages', 'public_id'),
    },
    {
      path: '/v1/dead-letters',
      async add(n) {
        const event = JSON.stringify({ id: `e-${n}`, type: 'booking_created', company_id, booking_id: 1 });
        const lane = n % 2 === 0 ? 'p2p' : 'broadcast';
        const fields = ['event', event, 'recipient', 'user:1', 'last_error', 'x', 'attempts', '3'];
        return `${lane}:0:${await redis.xadd(`events:${lane}:dead`, '*', ...fields)}`;
      },
      remove: (id) => api.ok('DELETE', `/v1/dead-letters/${id}`),
    },
  ];
}

/** Four end at one moment. */
function addDelivery(api: TestApi, { company_id, client_id }: TestSalon, n: number): Promise<Id> {
  const finished_at = new Date(Date.parse('2026-11-23T10:00:00Z') + Math.floor(n / 4) * 1000);
  const about = { company_id, event_id: `e-${n}`, event_type: 'booking_created', booking_id: 1, user_id: client_id };
  const ended = { role: 'client', channel: 'telegram', status: 'delivered', attempts: 1, finished_at } as const;
  return api.database.write((tx) => tx.insert(Delivery, { ...about, ...ended }));
}

/** More than a company may make through the API. */
function addEndpoint(api: TestApi, company_id: number): Promise<number> {
  const row = { company_id, url: 'https://example.com', event_types: '[]', secret: 'whsec_', enabled: true };
  return api.database.write((tx) => tx.insert(WebhookEndpoint, { ...row, created_at: new Date(), failures: 0 }));
}

async function addWebhookMessage(api: TestApi, company_id: number, n: number): Promise<Id> {
  const endpoint_id = await addEndpoint(api, company_id);
  const public_id = `msg_${n}`;
  const payload = JSON.stringify({ type: 'delivery.sent', timestamp: '2026-11-23T10:00:00.000Z', data: {} });
  const row = { endpoint_id, company_id, public_id, type: 'delivery.sent', payload, status: 'pending' } as const;
  const untouched = { attempts: 0, offers: 0, created_at: new Date() };
  await api.database.write((tx) => tx.insert(WebhookMessage, { ...row, ...untouched }));
  return public_id;
}

describeOnEachDatabase('pages of every list, while rows come and go', (databases) => {
  test('have each row that stood all the time once, and no row twice', async (t) => {
    const world = await openWorld(t, databases);
    for (const list of listsOf(world)) {
      for (let n = 0; n < AT_FIRST; n += 1) await list.add(n);
      const { seen, stood } = await walk(world.api, list);
      assert.equal(new Set(seen).size, seen.length, `${list.path} repeats: ${seen}`);
      assert.ok(stood.length >= 8, list.path);
      assert.deepEqual(
        stood.filter((id) => !seen.includes(id)),
        [],
        `${list.path} misses`,
      );
    }
  });
});

/** After each page goes the row that its cursor stands at, one before and one behind it, and one comes. */
async function walk(api: TestApi, { path, add, remove }: List): Promise<{ seen: Id[]; stood: Id[] }> {
  const page = (query: string) => api.ok('GET', `${path}?${query}`);
  const idsOf = ({ items }: { items: { id: Id }[] }) => items.map(({ id }) => id);
  const stood = idsOf(await page('limit=200'));
  const removable = stood.slice(-AT_FIRST);
  const gone = new Set<Id>();
  const drop = async (id: Id | undefined) => {
    if (id === undefined || gone.has(id) || !removable.includes(id)) return;
    gone.add(id);
    await remove(id);
  };
  const seen: Id[] = [];
  let pages = 0;
  for (let cursor = ''; ; pages += 1) {
    const answer = await page(`limit=4${cursor}`);
    const ids = idsOf(answer);
    seen.push(...ids);
    if (answer.next_cursor === null) break;
    cursor = `&cursor=${answer.next_cursor}`;
    const last = stood.indexOf(ids.at(-1) ?? '');
    await drop(ids.at(-1));
    if (pages < 2) await add(AT_FIRST + pages);
    await drop(stood[last - 2]);
    await drop(stood[last + 2]);
  }
  assert.ok(pages >= 3 && gone.size >= 3, `${path}: ${pages} pages, ${gone.size} gone`);
  return { seen, stood: stood.filter((id) => !gone.has(id)) };
}

describeOnEachDatabase('a test of pages', (databases) => {
  test('knows every list', async (t) => {
    const world = await openWorld(t, databases);
    const paged = world.api
      .routes()
      .filter(
        ({ method, schemas }) =>
          method === 'GET' && JSON.stringify(Object.keys(shapeOf(schemas.query))).includes('"cursor"'),
      )
      .map(({ path }) => path);
    assert.deepEqual(
      paged.toSorted(),
      listsOf(world)
        .map(({ path }) => path)
        .toSorted(),
    );
  });
});

const shapeOf = (schema: unknown): object => (schema as { shape?: object } | undefined)?.shape ?? {};
