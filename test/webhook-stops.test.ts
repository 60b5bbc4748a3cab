import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { STOP_DEADLINE_MS } from '#src/config.ts';
import { startAppWorker } from './support/app-worker.ts';
import { eventually } from './support/eventually.ts';
import { startWatchedApp } from './support/watched-app.ts';
import { addEndpoint, openCompanyServer, sendTest, untilMessages } from './support/webhook-receiver.ts';

const HOUR_MS = 3_600_000;

describe('webhooks that stop and go on', { concurrency: 2 }, () => {
  test('told to end under a call that hangs, it ends soon, and the call comes again under the same id', async (t) => {
    const { receiver, vestnik, company_id } = await openCompanyServer(t, { env: { ROLES: 'api' } });
    const { id } = await addEndpoint(vestnik, receiver, { company_id });
    const unanswered: ServerResponse[] = [];
    receiver.answer = () => (response) => void unanswered.push(response);
    const ROLES = 'worker,scheduler';
    const leaving = await startWatchedApp(t, { ...vestnik.env, ROLES, LOG_LEVEL: 'info' });
    const sent = await sendTest(vestnik, id);
    await eventually(() => assert.equal(unanswered.length, 1));
    const toldAt = performance.now();
    assert.equal(await leaving.terminate(), 0, leaving.output());
    assert.equal(performance.now() - toldAt < STOP_DEADLINE_MS - 2_000, true);

    receiver.answer = () => 204;
    await startAppWorker(t, vestnik.env, ROLES);
    const [message] = await untilMessages(vestnik, 'status=delivered', (items) => assert.equal(items.length, 1));
    assert.deepEqual([message.id, message.attempts], [sent, 1]);
    assert.deepEqual(
      receiver.calls.map((call) => call.id),
      [sent, sent],
    );
    await vestnik.settled();
  });

  test('an endpoint that is mended gets all that waited at once, by a replay or at its new address', async (t) => {
    let turnedMs = 0;
    const clock = () => new Date(Date.now() + turnedMs);
    const { receiver, vestnik, company_id } = await openCompanyServer(t, { clock });
    const { id } = await addEndpoint(vestnik, receiver, { company_id, path: '/old' });
    const heldUntil = async () => (await vestnik.call('GET', `/v1/webhook-endpoints/${id}`)).body.next_attempt_after;
    const mends = {
      replay: () => vestnik.call('POST', '/v1/webhook-messages/replay', { endpoint_id: id, since: clock() }),
      url: () => vestnik.call('PATCH', `/v1/webhook-endpoints/${id}`, { url: `http://${receiver.host}/new` }),
    };
    let delivered = 0;
    for (const mend of [mends.replay, mends.url]) {
      receiver.answer = () => 500;
      await sendTest(vestnik, id);
      // Often enough for a hold of half an hour.
      for (let failures = 1; failures <= 4; failures += 1) {
        if (failures > 1) turnedMs += HOUR_MS;
        await eventually(async () => assert.equal((await heldUntil()) > clock().toISOString(), true));
      }
      await sendTest(vestnik, id);
      receiver.answer = () => 204;
      assert.equal((await mend()).status, 200);
      delivered += 2;
      await untilMessages(vestnik, 'status=delivered', (items) => assert.equal(items.length, delivered));
    }
    assert.deepEqual(receiver.typesOf('/new').length, 2);
  });
});
