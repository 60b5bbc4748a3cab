import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import { Broadcast } from './broadcast-entities.ts';
import type { Database } from './database.ts';
import { type DeliveryRecord, logDeliveries } from './deliveries.ts';
import { type DeliveryFilters, type DeliveryPosition, listDeliveries, MAX_SCANNED } from './delivery-list.ts';
import type { Value } from './statement.ts';

const AT = Date.parse('2026-01-28T11:00:00.000Z');

const row = (n: number, change: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  ...{ company_id: 1, event_id: `e${n}`, event_type: 'booking_created', booking_id: n, user_id: 7, role: 'client' },
  ...{ channel: 'telegram', status: 'delivered', reason: null, attempts: 1, chat_id: 5, message_id: n },
  finished_at: new Date(AT + n * 1000),
  ...change,
});

const log = (database: Database, rows: DeliveryRecord[]) => database.write((tx) => logDeliveries(tx, rows));

/** The events of all pages, page by page; `between` happens after each of them. */
async function walk(
  database: Database,
  filters: DeliveryFilters,
  limit = 2,
  between?: (page: number) => Promise<void>,
) {
  const pages: string[][] = [];
  let after: DeliveryPosition | null | undefined;
  do {
    const page = await listDeliveries(database.read(), filters, { after: after ?? undefined, limit });
    pages.push(page.items.map(({ event_id }) => event_id));
    after = page.next;
    await between?.(pages.length);
  } while (after);
  return pages;
}

describeOnEachDatabase('the list of deliveries', ({ open }) => {
  test('answers what fits every filter, in the order in which it ended', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const { company_id: other } = await database.write(insertCompany);
    await log(database, [
      row(4, { company_id, merged_versions: [2, 3] }),
      row(1, { company_id, user_id: 8, role: 'admin', status: 'dead', reason: 'telegram_500: no' }),
      row(3, { company_id, channel: null, status: 'suppressed', reason: 'initiator', chat_id: null }),
      row(2, { company_id, event_type: 'booking_cancelled', channel: 'web_push' }),
      row(3, { company_id: other, user_id: 9, booking_id: 30 }),
    ]);
    const cases: [DeliveryFilters, string[]][] = [
      [{}, ['e1', 'e2', 'e3', 'e3', 'e4']],
      [{ company_id }, ['e1', 'e2', 'e3', 'e4']],
      [{ company_id: 99 }, []],
      [{ event_id: 'e3' }, ['e3', 'e3']],
      [{ event_id: 'e3', company_id: other }, ['e3']],
      [{ user_id: 7 }, ['e2', 'e3', 'e4']],
      [{ user_id: 7, company_id: other }, []],
      [{ booking_id: 30 }, ['e3']],
      [{ booking_id: 30, company_id }, []],
      [{ status: 'dead' }, ['e1']],
      [{ channel: 'web_push', user_id: 7 }, ['e2']],
      [{ role: 'admin', company_id }, ['e1']],
      [{ event_type: 'booking_cancelled' }, ['e2']],
      [{ finished_from: new Date(AT + 2000), finished_to: new Date(AT + 4000), company_id }, ['e2', 'e3']],
      [{ event_id: 'e4', finished_to: new Date(AT + 4000) }, []],
    ];
    for (const [filters, events] of cases)
      for (const limit of [1, 2, 50])
        assert.deepEqual((await walk(database, filters, limit)).flat(), events, JSON.stringify(filters));
    const { items } = await listDeliveries(database.read(), { event_id: 'e4' }, { limit: 1 });
    assert.deepEqual({ ...items[0], id: 0 }, { id: 0, ...row(4, { company_id }), merged_versions: [2, 3] });
  });

  test('finds the people of a broadcast, and not those of another with a similar number', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const started_at = new Date(AT);
    const state = { status: 'running', audience: '{}', content: '{}', initiated_by: '{}', allow_paid: false } as const;
    const counts = {
      is_test: false,
      audience_size: 1,
      last_user_id: 1,
      cut_up_to: 1,
      others_cut_up_to: 1,
      chunks: 1,
      is_cut: true,
    };
    const times = { send_at: started_at, created_at: started_at, started_at, finished_at: null, trace: null };
    const insert = { company_id, ad_template_id: null, ...state, ...counts, ...times };
    const id = await database.write((tx) => tx.insert(Broadcast, insert));
    const ofBroadcast = { company_id, event_type: 'broadcast', booking_id: null };
    await log(database, [
      row(1, { ...ofBroadcast, event_id: `broadcast:${id}:1` }),
      row(2, { ...ofBroadcast, event_id: `broadcast:${id}:2` }),
      row(3, { ...ofBroadcast, event_id: `broadcast:${id}0:1` }),
      row(4, { company_id }),
    ]);
    assert.deepEqual((await walk(database, { broadcast_id: id }, 1)).flat(), [
      `broadcast:${id}:1`,
      `broadcast:${id}:2`,
    ]);
    assert.deepEqual(await walk(database, { broadcast_id: id, company_id: 99 }), [[]]);
    assert.deepEqual(await walk(database, { broadcast_id: 99 }), [[]]);
  });

  test('hides and repeats nothing while rows come and go', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    await log(
      database,
      Array.from({ length: 10 }, (_, n) => row(n, { company_id, finished_at: new Date(AT) })),
    );
    const seen = await walk(database, { company_id }, 3, async (page) => {
      if (page > 3) return;
      await log(database, [row(100 + page, { company_id }), row(page, { company_id, reason: 'again' })]);
      await database.write((tx) => tx.execute(`DELETE FROM deliveries WHERE event_id = 'e${page - 1}'`));
    });
    assert.deepEqual(seen.flat(), [...Array.from({ length: 10 }, (_, n) => `e${n}`), 'e101', 'e102', 'e103']);
  });

  test('looks at so many rows a page, and goes on from there', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    for (let start = 0; start < MAX_SCANNED + 1000; start += 1000)
      await log(
        database,
        Array.from({ length: 1000 }, (_, n) => row(start + n, { company_id })),
      );
    await log(database, [row(9_000, { company_id, status: 'dead' })]);
    assert.deepEqual(await walk(database, { status: 'dead' }), [[], ['e9000']]);
    assert.deepEqual(await walk(database, { status: 'suppressed' }), [[], []]);
  });
});

test('no filter reads the log but by an index', async (t) => {
  const sql = (await openTestDatabase(t)).read();
  const plans: string[] = [];
  const planned = Object.create(sql, {
    execute: {
      async value(query: string, values: Value[]) {
        const plan = await sql.execute<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${query}`, values);
        plans.push(...plan.map(({ detail }) => detail));
        return await sql.execute(query, values);
      },
    },
  });
  const window = { finished_from: new Date(AT), finished_to: new Date(AT + 1000) };
  const after = { finished_at: new Date(AT), id: 3 };
  for (const key of [
    {},
    { company_id: 1 },
    { event_id: 'e' },
    { event_id: 'e', company_id: 1 },
    { user_id: 1 },
    { booking_id: 1 },
  ])
    for (const filter of [{}, { status: 'dead' as const }, window])
      await listDeliveries(planned, { ...key, ...filter }, { after, limit: 9 });
  const reads = plans.filter((plan) => / deliveries\b/.test(plan));
  assert.ok(reads.length > 20);
  assert.deepEqual(
    reads.filter((plan) => !/^SEARCH deliveries USING (COVERING )?INDEX/.test(plan)),
    [],
  );
});
