import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './support/command-line.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

test("a company's key is made, works and ends while the product runs, and tells nobody of another company", async (t) => {
  const vestnik = await startVestnik(t, { env: { KEY_REQUESTS_PER_SECOND: '50' } });
  const salon = await openSalon(vestnik);
  const other = await openSalon(vestnik);
  const theirs = await other.book(null, { notify: false });
  const ours = await salon.book(null, { notify: false });
  const keys = async (...args: string[]) => JSON.parse((await run(['keys', ...args, '--json'], vestnik.env)).stdout);

  const company = ['--company', String(salon.companyId)];
  const made = await keys('create', ...company, '--name', 'crm', '--scope', 'read,bookings:write');
  const headers = { authorization: `Bearer ${made.key}` };
  const call = (method: string, path: string, body?: object) => vestnik.call(method, path, body, headers);
  await eventually(async () => assert.equal((await call('GET', '/v1/bookings')).status, 200), 5_000);
  assert.equal((await call('GET', '/v1/bookings')).headers.get('ratelimit-policy'), '"key";q=100;w=2');

  const event = (company_id: number, booking_id: number) => ({ type: 'booking_created', company_id, booking_id });
  assert.equal((await call('POST', '/v1/events', event(other.companyId, theirs.id))).status, 422);
  assert.equal((await call('POST', '/v1/events', event(salon.companyId, theirs.id))).status, 202);
  assert.equal((await call('POST', '/v1/events', event(salon.companyId, ours.id))).status, 202);
  await eventually(() => assert.equal(shown(vestnik, salon, 'admin').length, 1));
  const letters = await eventually(async () => {
    const { body } = await call('GET', '/v1/dead-letters');
    assert.equal(body.items.length, 1);
    return body.items;
  });
  assert.match(letters[0].last_error, /^booking_not_found: /);
  assert.deepEqual(shown(vestnik, other, 'admin'), []);

  await vestnik.restart();
  const listed = await keys('list', ...company);
  assert.ok(Date.parse(listed.items[0].last_used_at) > Date.parse(listed.items[0].created_at));
  assert.equal((await call('GET', '/v1/bookings')).status, 200);
  await keys('revoke', String(made.id));
  await eventually(async () => assert.equal((await call('GET', '/v1/bookings')).status, 401), 5_000);
});
