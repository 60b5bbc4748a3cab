import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { broadcast, openCrowd, untilStatus } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { openSalon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';
import { addEndpoint, startWebhookReceiver, untilMessages, type WebhookReceiver } from './support/webhook-receiver.ts';

/** The product, a receiver that it may call, and a clock to turn. */
async function start(
  t: TestContext,
): Promise<{ vestnik: Vestnik; receiver: WebhookReceiver; turn: (ms: number) => void }> {
  let turnedMs = 0;
  const clock = () => new Date(Date.now() + turnedMs);
  const receiver = await startWebhookReceiver(t, clock);
  const vestnik = await startVestnik(t, { env: { WEBHOOK_ALLOWED_HOSTS: receiver.host }, clock });
  return {
    vestnik,
    receiver,
    turn(ms) {
      turnedMs += ms;
    },
  };
}

const statuses = (messages: { status: string }[]) => messages.map(({ status }) => status);

describe('webhooks', () => {
  test('all four events arrive, signed, with ids and facts and no names', async (t) => {
    const { vestnik, receiver } = await start(t);
    const salon = await openSalon(vestnik);
    const { companyId: company_id, people } = salon;
    await addEndpoint(vestnik, receiver, { company_id });
    vestnik.telegram.fault(people.client.chat, { kind: 'blocked' });
    vestnik.telegram.fault(people.specialist.chat, { kind: 'server_error' });
    const booking = await salon.book(null);
    await eventually(() => assert.equal(receiver.typesOf().length >= 4, true));
    const { id } = await broadcast(vestnik, { companyId: company_id, people: [] }, { audience: { roles: ['admin'] } });
    await untilStatus(vestnik, id, 'completed');
    await eventually(() => assert.equal(receiver.typesOf().includes('broadcast.completed'), true));
    await vestnik.settled();
    assert.deepEqual(receiver.refused, []);

    const dataOf = (type: string) => receiver.calls.filter((call) => call.type === type).map(({ data }) => data);
    assert.deepEqual(dataOf('user.unreachable'), [
      { company_id, user_id: people.client.id, channel: 'telegram', reason: 'blocked' },
    ]);
    const sent = dataOf('delivery.sent');
    const admins = [people.admin.id, people.other_admin.id];
    assert.deepEqual(sent.map(({ user_id }) => user_id).sort(), admins);
    const [failed, ...others] = dataOf('delivery.failed');
    assert.deepEqual(others, []);
    const { event_id } = sent[0];
    assert.deepEqual(failed, {
      ...{ company_id, event_id, event_type: 'booking_created', booking_id: booking.id, user_id: people.specialist.id },
      ...{ role: 'specialist', channel: 'telegram', attempts: 3, merged_versions: null, reason: 'telegram_500' },
    });
    const [{ started_at, finished_at, ...counts }] = dataOf('broadcast.completed');
    assert.equal(started_at <= finished_at, true);
    assert.deepEqual(counts, {
      ...{ company_id, broadcast_id: id, audience_size: 2, sent: 2, sent_by: { telegram: 2, web_push: 0 } },
      ...{ failed: 0, failed_by: {}, suppressed: 0, suppressed_by: {} },
    });
    assert.doesNotMatch(JSON.stringify(receiver.calls), /Петров|Анна|\+7 999/);
    const ids = receiver.calls.map((call) => call.id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test("a call that fails comes again under the same id, and the endpoint's other messages wait with it", async (t) => {
    const { vestnik, receiver, turn } = await start(t);
    const crowd = await openCrowd(vestnik, 0);
    const { id } = await addEndpoint(vestnik, receiver, { company_id: crowd.companyId });
    const send = async () => (await vestnik.call('POST', `/v1/webhook-endpoints/${id}/test`)).body.message_id;
    receiver.answer = () => 500;
    const first = await send();
    const held = await untilMessages(vestnik, `endpoint_id=${id}`, ([message]) => assert.equal(message.attempts, 1));
    assert.deepEqual([held[0].status, held[0].last_status, held[0].last_error], ['pending', 500, 'http_500']);
    const second = await send();
    assert.deepEqual((await vestnik.call('GET', '/v1/webhook-messages')).body.items[1].attempts, 0);
    assert.equal(receiver.calls.length, 1);
    assert.notEqual((await vestnik.call('GET', `/v1/webhook-endpoints/${id}`)).body.failing_since, null);

    receiver.answer = () => 200;
    turn(7_000);
    await untilMessages(vestnik, 'status=delivered', (items) => assert.equal(items.length, 2));
    assert.deepEqual(receiver.calls.map((call) => call.id).sort(), [first, first, second].sort());
    assert.equal((await vestnik.call('GET', `/v1/webhook-endpoints/${id}`)).body.failing_since, null);
    await vestnik.settled();
  });

  test('redirects are refused, and 410 disables the endpoint until it is enabled again', async (t) => {
    const { vestnik, receiver, turn } = await start(t);
    const crowd = await openCrowd(vestnik, 0);
    const { id } = await addEndpoint(vestnik, receiver, { company_id: crowd.companyId });
    const endpoint = async () => (await vestnik.call('GET', `/v1/webhook-endpoints/${id}`)).body;
    const send = () => vestnik.call('POST', `/v1/webhook-endpoints/${id}/test`);
    receiver.answer = () => (response) => response.writeHead(302, { location: '/elsewhere' }).end();
    await send();
    await untilMessages(vestnik, '', ([message]) => assert.equal(message.last_error, 'http_302'));
    assert.deepEqual(
      receiver.calls.map(({ path }) => path),
      ['/hook'],
    );

    receiver.answer = () => 410;
    await send();
    turn(7_000);
    await untilMessages(vestnik, '', (items) => assert.deepEqual(statuses(items), ['failed', 'failed']));
    const { enabled, disabled_reason } = await endpoint();
    assert.deepEqual([enabled, disabled_reason], [false, 'gone']);
    assert.equal((await send()).status, 422);

    receiver.answer = () => 204;
    await vestnik.call('PATCH', `/v1/webhook-endpoints/${id}`, { enabled: true });
    const { last_error, disabled_at, disabled_reason: none } = await endpoint();
    assert.deepEqual([last_error, disabled_at, none], [null, null, null]);
    const replay = { endpoint_id: id, since: '2020-01-01T00:00:00Z' };
    const { body } = await vestnik.call('POST', '/v1/webhook-messages/replay', replay);
    assert.deepEqual(body, { replayed: 2, missing: [], more: false });
    await untilMessages(vestnik, '', (items) => assert.deepEqual(statuses(items), ['delivered', 'delivered']));
  });

  test('410 from an address that was left meanwhile says nothing of the new one', async (t) => {
    const { vestnik, receiver, turn } = await start(t);
    const crowd = await openCrowd(vestnik, 0);
    const { id, url } = await addEndpoint(vestnik, receiver, { company_id: crowd.companyId });
    let leave = (): void => undefined;
    receiver.answer = () => (response) => {
      leave = () => response.writeHead(410).end();
    };
    await vestnik.call('POST', `/v1/webhook-endpoints/${id}/test`);
    await eventually(() => assert.equal(receiver.calls.length, 1));
    await vestnik.call('PATCH', `/v1/webhook-endpoints/${id}`, { url: `${url}/new` });
    receiver.answer = () => 204;
    leave();
    await untilMessages(vestnik, '', ([message]) => assert.equal(message.last_status, 410));
    assert.equal((await vestnik.call('GET', `/v1/webhook-endpoints/${id}`)).body.enabled, true);
    turn(7_000);
    await untilMessages(vestnik, '', (items) => assert.deepEqual(statuses(items), ['delivered']));
    assert.deepEqual(
      receiver.calls.map(({ path }) => path),
      ['/hook', '/hook/new'],
    );
  });
});
