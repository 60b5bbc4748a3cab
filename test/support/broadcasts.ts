import assert from 'node:assert/strict';
import type { BroadcastView } from '#src/broadcast/broadcast-view.ts';
import { User } from '#src/db/entities.ts';
import type { Row } from '#src/db/rows.ts';
import { eventually } from './eventually.ts';
import type { Answer, Vestnik } from './vestnik.ts';

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
  deadlineMs = 20_000,
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
