import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, type Person, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const NEW = /^📅 Новая запись #/;
const HANDED = /^🔄 Запись #\d+ передана вам/;
const LEFT = /^🔄 Запись #\d+ передана другому специалисту/;
const CANCELLED = /^❌ Запись #\d+ отменена/;

/** The person's next message waits for two seconds. */
function delayNext(vestnik: Vestnik, salon: Salon, person: Person): void {
  const fault = { kind: 'too_many_requests', retryAfter: 2 } as const;
  vestnik.telegram.fault(salon.people[person].chat, fault, { times: 1, methods: ['sendMessage'] });
}

const delayed = (vestnik: Vestnik): number =>
  vestnik.telegram.requests().filter(({ outcome }) => outcome?.status === 429).length;

async function handTo(vestnik: Vestnik, salon: Salon, id: number, person: Person): Promise<void> {
  const specialist_id = salon.people[person].id;
  assert.equal((await vestnik.call('PATCH', `/v1/bookings/${id}`, { specialist_id })).status, 200);
}

/** Exactly these messages, in this order. */
function assertShown(vestnik: Vestnik, salon: Salon, person: Person, expected: RegExp[]): void {
  const texts = shown(vestnik, salon, person);
  assert.equal(texts.length, expected.length, `${person}: ${JSON.stringify(texts)}`);
  for (const [index, text] of texts.entries()) assert.match(text, expected[index] ?? /^$/, person);
}

test('a specialist who was replaced hears so, though the booking was cancelled before they could', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { id } = await salon.book(null);
  await vestnik.settled();
  delayNext(vestnik, salon, 'specialist');
  delayNext(vestnik, salon, 'other_specialist');
  await handTo(vestnik, salon, id, 'other_specialist');
  await eventually(() => assert.equal(delayed(vestnik), 2));
  assert.equal((await vestnik.call('POST', `/v1/bookings/${id}/cancel`)).status, 200);
  await vestnik.settled();
  assertShown(vestnik, salon, 'specialist', [NEW, LEFT]);
  assertShown(vestnik, salon, 'other_specialist', [CANCELLED]);
});

test('of two hand-overs told late, the last specialist hears once that it is theirs', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik, { other_admin: { role: 'specialist', name: 'Галина', locale: 'ru' } });
  await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, { merge_moves_s: 0 });
  const { id } = await salon.book(null);
  await vestnik.settled();
  await vestnik.redis.kill();
  await handTo(vestnik, salon, id, 'other_specialist');
  await handTo(vestnik, salon, id, 'other_admin');
  await vestnik.redis.start();
  await vestnik.settled();
  assertShown(vestnik, salon, 'specialist', [NEW, LEFT]);
  assertShown(vestnik, salon, 'other_specialist', [LEFT]);
  assertShown(vestnik, salon, 'other_admin', [HANDED]);
});

test('an admin whom the booking left before they heard of it still gets the card of an admin', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  delayNext(vestnik, salon, 'admin');
  const { id } = await salon.book('client', { specialist_id: salon.people.admin.id });
  await eventually(() => assert.equal(delayed(vestnik), 1));
  await handTo(vestnik, salon, id, 'specialist');
  await vestnik.settled();
  assertShown(vestnik, salon, 'admin', [NEW, LEFT]);
  assert.match(shown(vestnik, salon, 'admin')[0] ?? '', /📞.*\n(.*\n)*👨‍💼 Анна/);
});
