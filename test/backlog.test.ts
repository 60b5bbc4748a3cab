import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSalon } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const LIMIT = 1_000_000;

test('while a million events wait, further ones are refused for a while, and bookings are taken all the same', async (t) => {
  const vestnik = await startVestnik(t, { env: { ROLES: 'api' } });
  const salon = await openSalon(vestnik);
  const { redis } = vestnik.redis;
  const fill = `for n = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'event', '') end`;
  for (let added = 0; added < LIMIT; added += LIMIT / 10) await redis.eval(fill, 1, 'events:p2p', LIMIT / 10);

  const { companyId: company_id } = salon;
  const refused = await vestnik.call('POST', '/v1/events', { type: 'booking_created', company_id, booking_id: 1 });
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal((await redis.xlen('events:p2p')) <= LIMIT + 1, true);
  await salon.book('admin');
});
