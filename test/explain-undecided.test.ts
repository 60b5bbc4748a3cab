import assert from 'node:assert/strict';
import { test } from 'node:test';
import { act, broadcast, openCrowd } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

async function explain(vestnik: Vestnik, event_id: string, user_id: number) {
  const query = `event_id=${encodeURIComponent(event_id)}&user_id=${user_id}`;
  const { status, body } = await vestnik.call('GET', `/v1/deliveries/explain?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return { verdict: body.verdict, explanation: body.explanation, steps: body.steps };
}

test('explain does not say who is in a broadcast before its people are chosen', async (t) => {
  const vestnik = await startVestnik(t);
  const crowd = await openCrowd(vestnik, 3);
  const [first = 0, second = 0] = crowd.people.map(({ id }) => id);
  const send_at = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = await broadcast(vestnik, crowd, { send_at, audience: { user_ids: [first] } });
  const of = (user: number) => explain(vestnik, `broadcast:${id}`, user);
  const waiting = await of(first);
  assert.equal(waiting.verdict, 'undecided');
  assert.match(waiting.explanation, /not decided yet .*: they are chosen when its time has come\.$/);
  assert.match(JSON.stringify(waiting.steps), /is not decided yet/);
  assert.equal((await of(second)).verdict, 'not_concerned', 'the audience names others');

  assert.equal((await act(vestnik, id, 'pause')).status, 200);
  assert.match((await of(first)).explanation, /which is paused/);
  assert.equal((await act(vestnik, id, 'cancel')).status, 200);
  const cancelled = await of(first);
  assert.equal(cancelled.verdict, 'suppressed');
  assert.match(cancelled.explanation, /cancelled before its people were chosen/);
});

test('explain says that Redis does not answer, where what is on its way would decide', async (t) => {
  const vestnik = await startVestnik(t, { env: { RETRY_BACKOFF_MS: '60000,60000' } });
  const salon = await openSalon(vestnik);
  const { client, specialist, other_specialist } = salon.people;
  const { id: booking_id } = await salon.book('admin');
  await vestnik.settled();
  vestnik.telegram.fault(client.chat, { kind: 'server_error' }, { times: 1 });
  const event = { id: 'direct-1', type: 'booking_created', company_id: salon.companyId, booking_id };
  assert.equal((await vestnik.call('POST', '/v1/events', event)).status, 202);
  await eventually(async () => {
    assert.equal((await explain(vestnik, 'direct-1', specialist.id)).verdict, 'delivered');
    assert.equal((await explain(vestnik, 'direct-1', client.id)).verdict, 'under_way');
  });
  assert.equal((await explain(vestnik, 'direct-1', other_specialist.id)).verdict, 'not_concerned');

  await vestnik.redis.kill();
  for (const { id } of [client, other_specialist]) {
    const hidden = await explain(vestnik, 'direct-1', id);
    assert.equal(hidden.verdict, 'undecided');
    assert.match(hidden.explanation, /Redis does not answer now/);
  }
  assert.equal((await explain(vestnik, 'direct-1', specialist.id)).verdict, 'delivered');
});

test('explain judges the settings by the role that somebody had then', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { specialist, other_specialist } = salon.people;
  const { id } = await salon.book(null);
  await vestnik.settled();
  const { body } = await vestnik.call('GET', `/v1/deliveries?booking_id=${id}&user_id=${specialist.id}`);
  const [{ event_id, role }] = body.items;
  assert.equal(role, 'specialist');
  // By the rules of today they would hear of the booking as an admin.
  assert.equal((await vestnik.call('PATCH', `/v1/bookings/${id}`, { specialist_id: other_specialist.id })).status, 200);
  assert.equal((await vestnik.call('PATCH', `/v1/users/${specialist.id}`, { role: 'admin' })).status, 200);
  await vestnik.settled();
  const { steps } = await explain(vestnik, event_id, specialist.id);
  const settings = steps.find(({ step }: { step: string }) => step === 'settings');
  assert.equal(settings.facts.recipient_role, 'specialist');
});
