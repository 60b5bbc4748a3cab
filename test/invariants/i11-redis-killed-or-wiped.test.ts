import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { openSalon, type Salon, shown } from '../support/salon.ts';
import { startVestnik, type Vestnik } from '../support/vestnik.ts';

const slot = (n: number) => ({ starts_at: new Date(Date.UTC(2027, 5, 1, n)).toISOString() });

const numbersIn = (vestnik: Vestnik, salon: Salon, person: 'admin' | 'other_admin' | 'specialist'): number[] =>
  shown(vestnik, salon, person).map((text) => Number(/#(\d+)/.exec(text)?.[1]));

/** Books on and on; `stop` answers the numbers of the bookings in the order of their commits. */
function bookOn(salon: Salon, pauseMs: number) {
  const ids: number[] = [];
  let isOver = false;
  const run = (async () => {
    for (let n = 0; !isOver; n += 1) {
      ids.push((await salon.book('client', slot(n))).id);
      await sleep(pauseMs);
    }
  })();
  return {
    ids,
    async stop() {
      isOver = true;
      await run;
      return ids;
    },
  };
}

/** I1 and I3: everybody was told of every booking, once, in the order of the commits. */
async function assertTold(vestnik: Vestnik, salon: Salon, ids: readonly number[]): Promise<void> {
  await eventually(() => assert.equal(numbersIn(vestnik, salon, 'admin').length >= ids.length, true), 30_000);
  await vestnik.settled();
  for (const person of ['admin', 'other_admin', 'specialist'] as const)
    assert.deepEqual(numbersIn(vestnik, salon, person), ids, person);
}

/** One chat is slow and another fails at times, so that each moment finds events in every state. */
async function openBusySalon(t: TestContext) {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { admin, other_admin } = salon.people;
  vestnik.telegram.fault(admin.chat, { kind: 'server_error' }, { times: 2, methods: ['sendMessage'] });
  vestnik.telegram.fault(other_admin.chat, { kind: 'slow', ms: 150 }, { times: 8, methods: ['sendMessage'] });
  return { vestnik, salon };
}

test('I11: bookings are all told, in order, though Redis is killed again and again in their middle', async (t) => {
  const { vestnik, salon } = await openBusySalon(t);
  const booking = bookOn(salon, 15);
  for (const upMs of [300, 120, 700]) {
    await sleep(upMs);
    await vestnik.redis.kill();
    await sleep(150);
    await vestnik.redis.start();
  }
  await sleep(200);
  await assertTold(vestnik, salon, await booking.stop());
});

test('I11: bookings are all told, in order, though Redis is wiped again and again in their middle', async (t) => {
  const { vestnik, salon } = await openBusySalon(t);
  const booking = bookOn(salon, 15);
  for (const upMs of [300, 90, 700]) {
    await sleep(upMs);
    await vestnik.redis.flush();
  }
  await sleep(200);
  await assertTold(vestnik, salon, await booking.stop());
});

test('I11: bookings made while Redis is down are accepted, and told in order when it is back, wiped or not', async (t) => {
  const { vestnik, salon } = await openBusySalon(t);
  const ids = [(await salon.book('client', slot(0))).id];
  await eventually(() => assert.deepEqual(numbersIn(vestnik, salon, 'admin'), ids));
  await vestnik.redis.kill();
  for (let n = 1; n < 8; n += 1) ids.push((await salon.book('client', slot(n))).id);
  await vestnik.redis.start();
  await vestnik.redis.flush();
  for (let n = 8; n < 12; n += 1) ids.push((await salon.book('client', slot(n))).id);
  await assertTold(vestnik, salon, ids);
});
