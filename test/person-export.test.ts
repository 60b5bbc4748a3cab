import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_LISTED } from '#src/db/person-reads.ts';
import { broadcast } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

async function exportOf(vestnik: Vestnik, id: number) {
  const { status, body } = await vestnik.call('POST', `/v1/users/${id}/export`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

test('an export tells of what is on its way to the person, and of nobody else', async (t) => {
  const vestnik = await startVestnik(t, { env: { RETRY_BACKOFF_MS: '60000,60000' } });
  const salon = await openSalon(vestnik);
  const { client, specialist, other_specialist, admin } = salon.people;
  for (const { chat } of [client, admin]) vestnik.telegram.fault(chat, { kind: 'server_error' }, { times: 30 });
  const { id: booking_id } = await salon.book(null);
  // What is posted goes straight into the stream, and would overtake what the outbox still holds.
  await eventually(async () => assert.equal(await vestnik.redis.redis.xlen('events:p2p'), 1));
  const posted = { id: 'direct-1', type: 'booking_created', company_id: salon.companyId, booking_id };
  assert.equal((await vestnik.call('POST', '/v1/events', posted)).status, 202);
  const found = await eventually(async () => {
    const { under_way } = await exportOf(vestnik, client.id);
    assert.deepEqual(
      under_way.map(({ attempts }: { attempts: number }) => attempts),
      // They are told in order: the second waits for the first.
      [1, 0],
    );
    return under_way;
  });
  assert.deepEqual(
    found.map(({ event_type, booking_id: of }: Record<string, unknown>) => [event_type, of]),
    [
      ['booking_created', booking_id],
      ['booking_created', booking_id],
    ],
  );
  assert.equal(found[1].event_id, 'direct-1');
  // It is about the specialist too, who has been told; an admin has begun to hear of the first alone.
  const counts = async (id: number) => (await exportOf(vestnik, id)).under_way.length;
  assert.deepEqual(await Promise.all([specialist, admin, other_specialist].map(({ id }) => counts(id))), [2, 1, 0]);

  await vestnik.redis.kill();
  assert.equal((await vestnik.call('POST', `/v1/users/${client.id}/export`)).status, 503);
});

test('an export names the broadcasts to the person alone, ends each list somewhere, and says which', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { client, specialist, admin, other_admin } = salon.people;
  const send_at = new Date(Date.now() + 3_600_000).toISOString();
  const to = (user_ids: number[]) =>
    broadcast(vestnik, { companyId: salon.companyId, people: [] }, { send_at, audience: { user_ids } });
  const theirs = [
    await to([client.id]),
    await to([client.id, admin.id]),
    await to([specialist.id, client.id, admin.id]),
    await to([admin.id, client.id]),
  ];
  await to([Number(`${client.id}0`), Number(`1${client.id}`), other_admin.id]);
  await vestnik.database.write(async (tx) => {
    await tx.execute(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ${MAX_LISTED})
        INSERT INTO used_links (token_hash, tg_id, expires_at) SELECT 'hash-' || i, ${client.chat}, ${Date.now() + 1e9} FROM n`,
    );
  });
  const { broadcasts, used_links, incomplete } = await exportOf(vestnik, client.id);
  assert.deepEqual(
    broadcasts.map(({ id }: { id: number }) => id),
    theirs.map(({ id }) => id),
  );
  assert.deepEqual([used_links.length, incomplete], [MAX_LISTED, ['used_links']]);
});
