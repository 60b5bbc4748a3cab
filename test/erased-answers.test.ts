import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdempotencyKey } from '#src/db/event-entities.ts';
import { loadLinkSecret } from '#src/links/link-secret.ts';
import { createLinkSigner } from '#src/links/link-signer.ts';
import { openSalon, type Person, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const HOUR_MS = 3_600_000;

/** What opens the page of a booking for one person. */
async function pageKey(vestnik: Vestnik, salon: Salon, person: Person, booking_id: number) {
  const signer = createLinkSigner({ secret: await loadLinkSecret(vestnik.dataDir) });
  const { companyId: company_id, people } = salon;
  const claims = { purpose: 'booking', company_id, user_id: people[person].id, booking_id, event_type: null } as const;
  return { authorization: `Bearer ${signer.sign(claims, new Date(Date.now() + HOUR_MS))}`, 'idempotency-key': person };
}

test('the answer to a cancellation on the page is given again without those who were erased since', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { client, specialist } = salon.people;
  const [one, two] = [await salon.book('admin'), await salon.book('admin', { starts_at: '2027-02-02T10:00:00Z' })];
  const asks = [
    await pageKey(vestnik, salon, 'specialist', one.id),
    await pageKey(vestnik, salon, 'client', two.id),
  ].map((headers) => () => vestnik.call('POST', '/v1/my/booking/cancel', {}, headers));
  const first = await Promise.all(asks.map((ask) => ask()));
  assert.deepEqual(
    first.map(({ status, headers }) => [status, headers.get('idempotency-replayed')]),
    [
      [200, null],
      [200, null],
    ],
  );
  assert.deepEqual(first[0]?.body.client, { name: 'Иван Петров', phone: '+7 999 123-45-67' });
  assert.equal(first[1]?.body.specialist_name, 'Анна');
  const same = await Promise.all(asks.map((ask) => ask()));
  assert.deepEqual(
    same.map(({ status, headers, body }) => [status, headers.get('idempotency-replayed'), body.status, body.version]),
    first.map(({ body }) => [200, 'true', 'cancelled', body.version]),
  );
  await vestnik.settled();

  const kept = async () => JSON.stringify(await vestnik.database.read().find(IdempotencyKey, {}));
  assert.equal((await vestnik.call('POST', `/v1/users/${client.id}/erase`)).status, 200);
  const again = await asks[0]?.();
  assert.deepEqual([again?.status, again?.body.client], [200, { name: 'deleted', phone: null }]);
  assert.equal((await asks[1]?.())?.status, 404, 'the link of an erased person');
  assert.equal((await vestnik.call('POST', `/v1/users/${specialist.id}/erase`)).status, 200);
  assert.equal((await asks[0]?.())?.status, 404);
  for (const canary of ['Иван', '123-45-67', 'Анна']) assert.equal((await kept()).includes(canary), false, canary);
});

test('a test of a broadcast is refused for somebody who has been erased', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { id } = salon.people.client;
  const body = { company_id: salon.companyId, audience: {}, content: { tg_html: 'x' }, send_test_to: id };
  assert.equal((await vestnik.call('POST', '/v1/broadcasts/preview', body)).status, 200);
  assert.equal((await vestnik.call('POST', `/v1/users/${id}/erase`)).status, 200);
  const refused = await vestnik.call('POST', '/v1/broadcasts/preview', body);
  assert.deepEqual([refused.status, refused.body.errors?.[0]?.field], [422, 'send_test_to']);
});
