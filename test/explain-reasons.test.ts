import assert from 'node:assert/strict';
import { test } from 'node:test';
import { User } from '#src/db/entities.ts';
import { Delivery } from '#src/db/event-entities.ts';
import { broadcast, HELLO, untilStatus } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { openPushSalon, WITH_TELEGRAM } from './support/push.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

/** How the newest event of the booking, or the broadcast, ended for the user, and the words for it. */
async function why(vestnik: Vestnik, user_id: number, broadcastId?: number): Promise<[string, string | null, string]> {
  const rows = await vestnik.database.read().find(Delivery, { user_id }, { orderBy: { id: 'desc' }, limit: 1 });
  const event_id = broadcastId === undefined ? (rows[0]?.event_id ?? '') : `broadcast:${broadcastId}`;
  const { body } = await vestnik.call('GET', `/v1/deliveries/explain?event_id=${event_id}&user_id=${user_id}`);
  const outcome = body.steps.find(({ step }: { step: string }) => step === 'outcome');
  return [body.verdict, outcome?.facts.reason ?? null, body.explanation];
}

test('an admin whose group hears is told so', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  vestnik.telegram.registerGroup({ id: -700_001, title: 'Админы' });
  const group = { company_id: salon.companyId, role: 'admin', name: 'Админы', tg_id: -700_001, locale: 'ru' } as const;
  await vestnik.database.write((tx) => tx.insert(User, { ...group, ads_opt_out: false, created_at: new Date() }));
  await salon.book(null);
  await vestnik.settled();
  const [verdict, reason, words] = await why(vestnik, salon.people.admin.id);
  assert.deepEqual([verdict, reason], ['suppressed', 'heard_in_group']);
  assert.match(words, /in their Telegram group/);
});

test('ended subscriptions, and a blocked bot beside them, are told', async (t) => {
  const { vestnik, salon, subscription } = await openPushSalon(t, WITH_TELEGRAM);
  const { client } = salon.people;
  vestnik.telegram.block(client.chat);
  subscription.unsubscribe();
  await salon.book('admin');
  await vestnik.settled();
  const [verdict, reason, words] = await why(vestnik, client.id);
  assert.deepEqual([verdict, reason], ['suppressed', 'unreachable:blocked,web_push_410']);
  assert.match(words, /they have blocked the bot, and their browser subscriptions have ended/);
});

test('a broadcast without a text for browsers is told of by its own id', async (t) => {
  const { vestnik, salon } = await openPushSalon(t);
  const crowd = { companyId: salon.companyId, people: [] };
  const { id } = await broadcast(vestnik, crowd, { content: HELLO, audience: { user_ids: [salon.people.client.id] } });
  await untilStatus(vestnik, id, 'completed');
  const [verdict, reason, words] = await why(vestnik, salon.people.client.id, id);
  assert.deepEqual([verdict, reason], ['suppressed', 'no_push_content']);
  assert.match(words, /no text for Web Push/);
  assert.equal((await why(vestnik, salon.people.admin.id, id))[0], 'not_concerned');
  // For another company there is neither the broadcast nor its part.
  const foreign = `event_id=broadcast:${id}&user_id=${salon.people.client.id}&company_id=${salon.companyId + 1}`;
  const { verdict: unknown, event_id, steps } = (await vestnik.call('GET', `/v1/deliveries/explain?${foreign}`)).body;
  assert.deepEqual([unknown, event_id, steps], ['unknown_event', `broadcast:${id}`, []]);
});

test('a paused broadcast is under way, a cancelled one is not', async (t) => {
  const { vestnik, salon } = await openPushSalon(t, WITH_TELEGRAM);
  const crowd = { companyId: salon.companyId, people: [] };
  const { client } = salon.people;
  vestnik.telegram.fault(client.chat, { kind: 'too_many_requests', retryAfter: 120 });
  const { id } = await broadcast(vestnik, crowd, { audience: { user_ids: [client.id] } });
  await eventually(async () => assert.equal((await why(vestnik, client.id, id))[0], 'under_way'));
  await vestnik.call('POST', `/v1/broadcasts/${id}/pause`);
  await eventually(async () => assert.match((await why(vestnik, client.id, id))[2], /which is paused/));
  await vestnik.call('POST', `/v1/broadcasts/${id}/cancel`);
  const [verdict, , words] = await why(vestnik, client.id, id);
  assert.equal(verdict, 'suppressed');
  assert.match(words, /cancelled before their turn/);
});

test('who lost their place before a replay, and who was deleted before their turn, is told so', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { other_admin, admin } = salon.people;
  vestnik.telegram.fault(other_admin.chat, { kind: 'server_error' }, { times: 3 });
  await salon.book('admin');
  await vestnik.settled();
  const { body: letters } = await vestnik.call('GET', '/v1/dead-letters');
  await vestnik.call('PATCH', `/v1/users/${other_admin.id}`, { role: 'client' });
  await vestnik.call('POST', '/v1/dead-letters/replay', { ids: [letters.items[0].id] });
  await eventually(async () => {
    const [verdict, reason, words] = await why(vestnik, other_admin.id);
    assert.deepEqual([verdict, reason], ['suppressed', 'no_longer_concerned']);
    assert.match(words, /lost their place/);
  });

  vestnik.telegram.fault(admin.chat, { kind: 'too_many_requests', retryAfter: 4 }, { times: 1 });
  await salon.book('client', { starts_at: '2027-03-01T10:00:00Z' });
  await vestnik.call('POST', `/v1/users/${admin.id}/erase`);
  await vestnik.settled();
  const [verdict, reason] = await why(vestnik, admin.id);
  assert.deepEqual([verdict, reason], ['suppressed', 'deleted']);
});
