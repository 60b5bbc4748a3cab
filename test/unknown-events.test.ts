import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

test('an event of a type that this version does not know is tried again, holds up nobody, and is kept when it dies', async (t) => {
  const vestnik = await startVestnik(t, { env: { RETRY_BACKOFF_MS: '300,300' } });
  const salon = await openSalon(vestnik);
  const event = {
    ...{ id: 'new', type: 'loyalty_reached', company_id: 1, booking_id: 1, ts: 1_706_000_000 },
    initiated_by: { user_id: null, role: 'system', channel: 'api' },
  };
  const { redis } = vestnik.redis;
  const began = performance.now();
  await redis.xadd('events:p2p', '*', 'event', JSON.stringify(event));
  await salon.book('admin');
  await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1));
  assert.equal(await redis.xlen('events:p2p:dead'), 0, 'the booking behind it came first');

  const [letter] = await eventually(async () => {
    const { items } = (await vestnik.call('GET', '/v1/dead-letters')).body;
    assert.equal(items.length, 1);
    return items;
  });
  assert.equal(performance.now() - began > 600, true, 'two pauses');
  assert.deepEqual([letter.recipient, letter.attempts, letter.event], ['*', 3, event]);
  assert.match(letter.last_error, /^unknown_event_type: /);
  await vestnik.settled();
});
