import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon } from './support/salon.ts';
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
