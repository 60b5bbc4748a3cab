import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { VirtualBrowser } from '#sandbox/push/virtual-browser.ts';
import type { BroadcastView } from '#src/broadcast/broadcast-view.ts';
import { PushSubscription, User } from '#src/db/entities.ts';
import type { Row } from '#src/db/rows.ts';
import { encodeQuietHours } from '#src/domain/quiet-hours.ts';
import { AWAKE } from './awake.ts';
import { eventually } from './eventually.ts';
import { startPush, type TestPush } from './push.ts';
import { type Answer, startVestnik, type Vestnik } from './vestnik.ts';

/** A company with so many clients in Telegram, made in the database: a thousand requests would take longer than the test. */
export interface Crowd {
  companyId: number;
  /** In the order of their ids. */
  people: { id: number; chat: number }[];
}

let nextChat = 700_000;

export async function openCrowd(
  vestnik: Vestnik,
  size: number,
  overrideOf: (index: number) => Partial<Row<typeof User>> = () => ({}),
): Promise<Crowd> {
  const { id: companyId } = await vestnik.create('/v1/companies', { name: 'Весна', time_zone: 'Europe/Moscow' });
  const rows = Array.from({ length: size }, (_, index) => ({
    company_id: companyId,
    external_id: null,
    role: 'client' as const,
    name: `Client ${index}`,
    phone: null,
    tg_id: nextChat++,
    locale: 'ru' as const,
    ads_opt_out: false,
    quiet_hours: encodeQuietHours(AWAKE),
    telegram_unreachable: null,
    web_push_unreachable: null,
    created_at: new Date(),
    ...overrideOf(index),
  }));
  await vestnik.database.write(async (tx) => {
    for (let start = 0; start < rows.length; start += 500) await tx.insertMany(User, rows.slice(start, start + 500));
  });
  const found = await vestnik.database.read().find(User, { company_id: companyId }, { orderBy: { id: 'asc' } });
  for (const { tg_id } of rows) if (tg_id) vestnik.telegram.registerUser({ id: tg_id, first_name: 'client' });
  return { companyId, people: found.map(({ id, tg_id }) => ({ id, chat: tg_id ?? 0 })) };
}

export const HELLO = { tg_html: '<b>Скидки</b> весь январь!' };

/** Posts a broadcast to everybody of the company, unless `change` says otherwise. */
export async function broadcast(
  vestnik: Vestnik,
  crowd: Crowd,
  change: Record<string, unknown> = {},
): Promise<BroadcastView> {
  const body = { company_id: crowd.companyId, audience: {}, content: HELLO, ...change };
  const answer = await vestnik.call('POST', '/v1/broadcasts', body);
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  return answer.body;
}

export const broadcastNow = async (vestnik: Vestnik, id: number): Promise<Answer['body']> =>
  (await vestnik.call('GET', `/v1/broadcasts/${id}`)).body;

export const act = (vestnik: Vestnik, id: number, name: string): Promise<Answer> =>
  vestnik.call('POST', `/v1/broadcasts/${id}/${name}`);

/** Resolves with it when it is in the state. */
export function untilStatus(
  vestnik: Vestnik,
  id: number,
  status: string,
  deadlineMs = 60_000,
): Promise<Answer['body']> {
  return eventually(async () => {
    const now = await broadcastNow(vestnik, id);
    assert.equal(now.status, status);
    return now;
  }, deadlineMs);
}

/** How many messages each of the people has got. */
export const heard = (vestnik: Vestnik, { people }: Crowd): number[] =>
  people.map(({ chat }) => vestnik.telegram.messages(chat).length);

/** How many messages all of them have got together. */
export const heardInAll = (vestnik: Vestnik, crowd: Crowd): number =>
  heard(vestnik, crowd).reduce((sum, count) => sum + count, 0);

/** Everybody has got exactly one message. */
export function assertOnce(vestnik: Vestnik, crowd: Crowd): void {
  const counts = heard(vestnik, crowd);
  assert.deepEqual(
    counts.flatMap((count, index) => (count === 1 ? [] : [`${index}: ${count}`])),
    [],
  );
}

/** What a browser shows of it, too. */
export const PUSHED = { ...HELLO, push: { title: 'Скидки', body: 'Весь январь', url: 'https://salon.example/sale' } };

/** Each of these people has a browser from now on; in the database, for the page is tested elsewhere. */
export async function subscribe(
  { vestnik, push }: { vestnik: Vestnik; push: TestPush },
  { companyId: company_id, people }: Crowd,
  indexes: readonly number[],
): Promise<VirtualBrowser[]> {
  const vapid_key = push.env.VAPID_PUBLIC_KEY ?? '';
  const created_at = new Date();
  const browsers: VirtualBrowser[] = [];
  await vestnik.database.write(async (tx) => {
    for (const index of indexes) {
      const browser = push.createVirtualBrowser();
      browsers.push(browser);
      const { endpoint, keys } = browser.subscribe(vapid_key);
      const user_id = people[index]?.id ?? 0;
      await tx.insert(PushSubscription, { company_id, user_id, endpoint, ...keys, vapid_key, created_at });
    }
  });
  return browsers;
}

/** With a push service, at so many messages a second to Telegram. */
export async function startWithPush(t: TestContext, rate: number): Promise<{ vestnik: Vestnik; push: TestPush }> {
  const push = await startPush(t);
  const env = { ...push.env, BROADCAST_RATE_PER_SECOND: String(rate) };
  return { vestnik: await startVestnik(t, { env }), push };
}

export const startAt = (t: TestContext, rate: number): Promise<Vestnik> =>
  startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: String(rate) } });
