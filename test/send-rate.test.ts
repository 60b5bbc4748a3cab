import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const arrivals = ({ telegram }: Vestnik): number[] =>
  telegram
    .requests()
    .filter(({ method }) => method === 'sendmessage')
    .map(({ at }) => at);

/** The most that arrived within one second, wherever it begins. */
const mostInASecond = (times: readonly number[]): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));

test('Telegram never gets more than 30 messages in a second, and gets them all', async (t) => {
  const vestnik = await startVestnik(t, {
    env: { BROADCAST_RATE_PER_SECOND: '30' },
    rate: { perChatPerSecond: 1000, perChatBurst: 1000 },
  });
  const salon = await openSalon(vestnik);
  const hours = Array.from({ length: 20 }, (_, hour) => `2027-01-${10 + hour}T11:00:00Z`);
  await Promise.all(hours.map((starts_at) => salon.book(null, { starts_at })));
  await eventually(() => assert.equal(arrivals(vestnik).length, 80), 15_000);
  await vestnik.settled();
  const times = arrivals(vestnik);
  assert.equal(times.length, 80);
  assert.ok(mostInASecond(times) <= 30, `${mostInASecond(times)} in a second`);
  const refused = vestnik.telegram.requests().filter(({ outcome }) => outcome?.status === 429);
  assert.deepEqual(refused, []);
});

test('a message that waited for its turn states the facts of the moment it leaves', async (t) => {
  const vestnik = await startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: '1' } });
  const salon = await openSalon(vestnik);
  const { id } = await salon.book(null);
  await eventually(() => assert.ok(arrivals(vestnik).length >= 1));
  await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at: '2027-01-29T11:00:00Z' });
  const known = arrivals(vestnik).length;
  await eventually(() => assert.ok(arrivals(vestnik).length >= 4), 15_000);
  const texts = vestnik.telegram
    .requests()
    .filter(({ method }) => method === 'sendmessage')
    .slice(known, 4)
    .map(({ parameters }) => String(parameters.text));
  for (const text of texts) assert.match(text, /29\.01\.2027|29 Jan 2027/);
});

test('a booking does not wait behind what was posted at the broadcast pace', async (t) => {
  const env = { BROADCAST_RATE_PER_SECOND: '30' };
  const vestnik = await startVestnik(t, { env, rate: { perChatPerSecond: 1000, perChatBurst: 1000 } });
  const salon = await openSalon(vestnik);
  const bookings = await Promise.all(Array.from({ length: 20 }, (_, n) => bookWithNewPeople(vestnik, salon, n)));
  await vestnik.settled();
  const event = {
    company_id: salon.companyId,
    initiated_by: { user_id: null, role: 'cron', channel: 'api' },
  };
  const ads = Array.from({ length: 60 }, (_, n) => ({
    id: `ad-${n}`,
    type: 'booking_reminder',
    lane: 'broadcast',
    ts: 1_700_000_000,
    booking_id: bookings[n % bookings.length],
    ...event,
  }));
  const posted = await vestnik.call('POST', '/v1/events', ads);
  assert.equal(posted.status, 202, JSON.stringify(posted.body));
  await eventually(() => assert.equal(arrivals(vestnik).length >= 80 + 40, true));

  const { id } = await salon.book(null, { starts_at: '2027-02-01T11:00:00Z' });
  const isOfBooking = (text: string) => text.includes(`#${id}`);
  await eventually(() => assert.equal(shown(vestnik, salon, 'admin').some(isOfBooking), true), 3000);
  const before = arrivals(vestnik).length;
  assert.ok(before < 80 + 4 + 120, `${before} had been sent before`);
  await eventually(() => assert.equal(arrivals(vestnik).length, 80 + 4 + 120));
  await vestnik.settled();
  assert.equal(arrivals(vestnik).length, 80 + 4 + 120);
  assert.ok(mostInASecond(arrivals(vestnik)) <= 30);
});

/** A booking of a client and a specialist whom nobody else knows: one chat hears few broadcasts. */
async function bookWithNewPeople(vestnik: Vestnik, salon: Salon, n: number): Promise<number> {
  const [client_id, specialist_id] = await Promise.all(
    ['client', 'specialist'].map(async (role, index) => {
      const tg_id = 100_000 + 2 * n + index;
      vestnik.telegram.registerUser({ id: tg_id, first_name: role });
      const person = { company_id: salon.companyId, role, name: `${role} ${n}`, tg_id };
      return (await vestnik.create('/v1/users', person)).id as number;
    }),
  );
  return (await salon.book(null, { client_id, specialist_id })).id;
}
