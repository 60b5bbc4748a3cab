import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const slot = (n: number) => ({ starts_at: new Date(Date.UTC(2027, 5, 1, n)).toISOString() });

async function bookings(salon: Salon, from: number, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let n = from; n < from + count; n += 1) ids.push((await salon.book('client', slot(n))).id);
  return ids;
}

/** The booking numbers in the order an admin's chat shows them. */
const numbersIn = (vestnik: Vestnik, salon: Salon): number[] =>
  shown(vestnik, salon, 'admin').map((text) => Number(/#(\d+)/.exec(text)?.[1]));

test('bookings made while Redis is down are accepted, and delivered in order when it is back', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const before = await bookings(salon, 0, 2);
  await eventually(() => assert.deepEqual(numbersIn(vestnik, salon), before));
  await vestnik.redis.kill();
  const during = await bookings(salon, 10, 5);
  await eventually(async () => {
    const { status, body } = await vestnik.call('GET', '/readyz');
    assert.equal(status, 200);
    assert.equal(body.status, 'degraded');
    assert.match(body.reasons[0], /redis/);
  });
  const { status, body } = await vestnik.call('POST', '/v1/events', {
    type: 'booking_reminder',
    company_id: salon.companyId,
    booking_id: during[0],
  });
  assert.equal(status, 503, JSON.stringify(body));
  await vestnik.redis.start();
  await eventually(() => assert.deepEqual(numbersIn(vestnik, salon), [...before, ...during]), 20_000);
  await vestnik.settled();
});

test('a restart in the middle of a retry goes on where it was', async (t) => {
  const vestnik = await startVestnik(t, { env: { RETRY_BACKOFF_MS: '60000,60000' } });
  const salon = await openSalon(vestnik);
  vestnik.telegram.fault(salon.people.admin.chat, { kind: 'server_error' }, { times: 1 });
  const [id] = await bookings(salon, 0, 1);
  await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1));
  await eventually(async () => {
    const [records = ''] = await vestnik.redis.redis.hvals('events:p2p:ledger');
    assert.equal(records.includes(`["user:${salon.people.admin.id}",1,"w"`), true);
  });
  await vestnik.restart();
  await eventually(() => assert.deepEqual(numbersIn(vestnik, salon), [id]));
  await vestnik.settled();
  assert.equal(shown(vestnik, salon, 'client').length, 1);
});

test('a Redis that runs before the app, holding what an earlier app left, changes nothing', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const other = await vestnik.redis.redis.xadd('events:p2p', '*', 'event', 'not json', 'extra', 'field');
  assert.equal(typeof other, 'string');
  const ids = await bookings(salon, 0, 1);
  await eventually(() => assert.deepEqual(numbersIn(vestnik, salon), ids));
  await eventually(async () => assert.equal(await vestnik.redis.redis.xlen('events:p2p:dead'), 1));
  const [dead] = await vestnik.redis.redis.xrange('events:p2p:dead', '-', '+');
  const fields = dead?.[1] ?? [];
  assert.equal(fields[fields.indexOf('event') + 1], 'not json');
  assert.match(fields[fields.indexOf('last_error') + 1] ?? '', /^undecodable/);
  await vestnik.settled();
});
