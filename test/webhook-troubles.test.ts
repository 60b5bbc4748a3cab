import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { startAppWorker } from './support/app-worker.ts';
import { openCrowd } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { openSalon } from './support/salon.ts';
import { addEndpoint, openCompanyServer, sendTest, untilMessages } from './support/webhook-receiver.ts';

const HOUR_MS = 3_600_000;

describe('webhooks in trouble', { concurrency: 2 }, () => {
  test('killed between a call and its record, it calls again under the same id and loses none', async (t) => {
    const { receiver, vestnik, company_id } = await openCompanyServer(t, { env: { ROLES: 'api' } });
    const { id } = await addEndpoint(vestnik, receiver, { company_id });
    const unanswered: ServerResponse[] = [];
    receiver.answer = () => (response) => void unanswered.push(response);
    const doomed = await startAppWorker(t, vestnik.env, 'worker,scheduler');
    const sent = [await sendTest(vestnik, id), await sendTest(vestnik, id)];
    await eventually(() => assert.equal(unanswered.length, 2));
    await doomed.kill();
    await vestnik.redis.redis.del('events:webhooks:lease', 'webhooks:lease', 'events:workers');

    receiver.answer = () => 204;
    await startAppWorker(t, vestnik.env, 'worker,scheduler');
    await untilMessages(
      vestnik,
      'status=delivered',
      (items) => assert.deepEqual(items.map((item) => item.id).sort(), [...sent].sort()),
      40_000,
    );
    const ids = receiver.calls.map((call) => call.id);
    for (const message of sent) assert.equal(ids.filter((called) => called === message).length, 2);
    assert.deepEqual(receiver.refused, []);
    await vestnik.settled();
  });

  test('a wiped Redis loses neither what waits nor what is on its way', async (t) => {
    let turnedMs = 0;
    const clock = () => new Date(Date.now() + turnedMs);
    const { receiver, vestnik, company_id } = await openCompanyServer(t, { clock });
    const { id: broken } = await addEndpoint(vestnik, receiver, { company_id, path: '/broken' });
    const { id: slow } = await addEndpoint(vestnik, receiver, { company_id, path: '/slow' });
    const held: ServerResponse[] = [];
    receiver.answer = ({ path }) => (path === '/broken' ? 503 : (response) => void held.push(response));
    const waiting = await sendTest(vestnik, broken);
    const underWay = await sendTest(vestnik, slow);
    await untilMessages(vestnik, `endpoint_id=${broken}`, ([message]) => assert.equal(message.attempts, 1));
    await eventually(() => assert.equal(held.length, 1));
    await vestnik.redis.flush();

    receiver.answer = () => 204;
    for (const response of held) response.destroy();
    turnedMs += 10_000;
    const delivered = await untilMessages(
      vestnik,
      'status=delivered',
      (items) => assert.equal(items.length, 2),
      60_000,
    );
    assert.deepEqual(delivered.map((item) => item.id).sort(), [waiting, underWay].sort());
    await vestnik.settled();
  });

  test('two companies hear of their own alone', async (t) => {
    const { receiver, vestnik } = await openCompanyServer(t);
    const [ours, theirs] = [await openSalon(vestnik), await openSalon(vestnik)];
    await addEndpoint(vestnik, receiver, { company_id: ours.companyId, path: '/ours' });
    await addEndpoint(vestnik, receiver, {
      company_id: theirs.companyId,
      path: '/theirs',
      event_types: ['delivery.failed'],
    });
    vestnik.telegram.fault(theirs.people.client.chat, { kind: 'server_error' });
    await Promise.all([ours.book(null), theirs.book(null)]);
    await vestnik.settled();
    await eventually(() => assert.equal(receiver.typesOf('/ours').length, 4));
    await eventually(() => assert.deepEqual(receiver.typesOf('/theirs'), ['delivery.failed']));
    for (const { path, data } of receiver.calls)
      assert.equal(data.company_id, path === '/ours' ? ours.companyId : theirs.companyId);
    assert.deepEqual(receiver.typesOf('/ours'), Array(4).fill('delivery.sent'));
  });

  test('an endpoint that failed for five days without one success is disabled, and what waited for it can be replayed', async (t) => {
    let turnedMs = 0;
    const clock = () => new Date(Date.now() + turnedMs);
    const { receiver, vestnik, company_id } = await openCompanyServer(t, { clock });
    const { id } = await addEndpoint(vestnik, receiver, { company_id });
    const endpoint = async () => (await vestnik.call('GET', `/v1/webhook-endpoints/${id}`)).body;
    receiver.answer = () => 500;
    const messages = [await sendTest(vestnik, id)];
    await eventually(async () => assert.equal((await endpoint()).last_error, 'http_500'));
    messages.push(await sendTest(vestnik, id), await sendTest(vestnik, id));
    const calls = () => receiver.calls.length;
    const attempts = calls();
    // A day of silence would begin a new count.
    for (const hours of [20, 40, 60, 80, 100]) {
      const before = calls();
      turnedMs = hours * HOUR_MS;
      await eventually(async () => {
        assert.equal(calls() > before, true);
        assert.equal((await endpoint()).next_attempt_after > clock().toISOString(), true);
      });
      // One of the three found out that it still fails; the others waited.
      assert.equal(calls(), before + 1);
    }
    assert.deepEqual([attempts, (await endpoint()).enabled], [1, true]);
    turnedMs = 121 * HOUR_MS;
    await eventually(async () => assert.equal((await endpoint()).disabled_reason, 'failed_for_five_days'));
    await untilMessages(vestnik, 'status=failed', (items) => assert.equal(items.length, 3));

    receiver.answer = () => 200;
    await vestnik.call('PATCH', `/v1/webhook-endpoints/${id}`, { enabled: true });
    const [first = ''] = messages;
    const replay = { endpoint_id: id, ids: [first, 'msg_of_nobody'] };
    const { body } = await vestnik.call('POST', '/v1/webhook-messages/replay', replay);
    assert.deepEqual(body, { replayed: 1, missing: ['msg_of_nobody'], more: false });
    await untilMessages(vestnik, 'status=delivered', (items) =>
      assert.deepEqual(
        items.map((item) => item.id),
        [first],
      ),
    );
    assert.equal(receiver.calls.at(-1)?.id, first);
  });

  test('an endpoint and a company that are deleted under a call leave nothing behind', async (t) => {
    const { receiver, vestnik } = await openCompanyServer(t);
    const [one, other] = [await openCrowd(vestnik, 0), await openCrowd(vestnik, 0)];
    const { id } = await addEndpoint(vestnik, receiver, { company_id: one.companyId });
    const { id: otherId } = await addEndpoint(vestnik, receiver, { company_id: other.companyId });
    const held: ServerResponse[] = [];
    receiver.answer = () => (response) => void held.push(response);
    await sendTest(vestnik, id);
    await sendTest(vestnik, otherId);
    await eventually(() => assert.equal(held.length, 2));
    assert.equal((await vestnik.call('DELETE', `/v1/webhook-endpoints/${id}`)).status, 204);
    assert.equal((await vestnik.call('DELETE', `/v1/companies/${other.companyId}`)).status, 204);
    assert.deepEqual((await vestnik.call('GET', '/v1/webhook-messages')).body.items, []);
    for (const response of held) response.writeHead(500).end();
    await vestnik.settled();
    assert.equal(await vestnik.redis.redis.xlen('events:webhooks'), 0);
    assert.equal(await vestnik.redis.redis.exists('events:webhooks:dead'), 0);
  });

  test('of a burst to an endpoint that fails, eight calls go out and the rest waits', async (t) => {
    const { receiver, vestnik, company_id } = await openCompanyServer(t);
    const { id } = await addEndpoint(vestnik, receiver, { company_id });
    const held: ServerResponse[] = [];
    receiver.answer = () => (response) => void held.push(response);
    for (let sent = 0; sent < 20; sent += 1) await sendTest(vestnik, id);
    await eventually(() => assert.equal(held.length, 8));
    const fail = (response: ServerResponse) => void response.writeHead(500).end();
    for (const response of held) fail(response);
    receiver.answer = () => fail;
    const messages = await untilMessages(vestnik, 'status=pending', (items) =>
      assert.equal(items.filter((item) => item.next_attempt_at !== null).length, 20),
    );
    const called = messages.filter(({ attempts }) => attempts > 0).length;
    assert.deepEqual([called, receiver.calls.length], [8, 8]);
    await vestnik.settled();
  });

  test('a rotated secret signs, and for a day the old one does too', async (t) => {
    let turnedMs = 0;
    const clock = () => new Date(Date.now() + turnedMs);
    const { receiver, vestnik, company_id } = await openCompanyServer(t, { clock });
    const { id, secret: old } = await addEndpoint(vestnik, receiver, { company_id });
    const { secret } = (await vestnik.call('POST', `/v1/webhook-endpoints/${id}/rotate-secret`)).body;
    assert.notEqual(secret, old);
    await sendTest(vestnik, id);
    await eventually(() => assert.equal(receiver.calls.length, 1));
    receiver.secrets = [secret];
    await sendTest(vestnik, id);
    await eventually(() => assert.equal(receiver.calls.length, 2));
    turnedMs = 25 * HOUR_MS;
    await sendTest(vestnik, id);
    await eventually(() => assert.equal(receiver.calls.length, 3));
    assert.deepEqual(
      receiver.calls.map(({ signatures }) => signatures.length),
      [2, 2, 1],
    );
    assert.deepEqual(receiver.refused, []);
  });
});
