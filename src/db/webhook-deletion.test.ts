import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { insertCompany } from '#test/support/rows.ts';
import type { WebhookCall } from '../domain/webhooks.ts';
import { OutboxRow } from './event-entities.ts';
import { findRows } from './rows.ts';
import { disabledWithMessages, dueEndpoints, findCall } from './webhook-calls.ts';
import {
  clearDeletedEndpoints,
  countDisabledEndpoints,
  countWebhookEndpoints,
  deleteWebhookEndpoint,
  findWebhookEndpoint,
  insertWebhookEndpoint,
  listWebhookEndpoints,
} from './webhook-endpoints.ts';
import { WebhookEndpoint, WebhookMessage } from './webhook-entities.ts';
import { countPendingMessages, listMessages } from './webhook-log.ts';
import { tellEndpoint } from './webhook-messages.ts';

const AT = new Date('2026-11-23T10:00:00.000Z');
const FRESH = { disableIdentityMap: true } as const;

describeOnEachDatabase('a deleted webhook endpoint', ({ open }) => {
  test('is gone at once for all who look, and its messages bit by bit', async (t) => {
    const database = await open(t);
    const { company_id } = await database.write(insertCompany);
    const row = { company_id, url: 'https://a.example', event_types: ['delivery.sent' as const], created_at: AT };
    const make = () => database.write((tx) => insertWebhookEndpoint(tx, { ...row, secret: 'whsec_1' }));
    const [doomed, other] = [await make(), await make()];
    const fact = { company_id, type: 'webhook.test', at: AT, data: {} } as const;
    const tell = (id: number) => database.write((tx) => tellEndpoint(tx, id, fact, AT));
    for (const id of [doomed.id, doomed.id, doomed.id, other.id]) await tell(id);
    const [call] = await findRows(database.read(), OutboxRow, {}, { orderBy: { id: 'asc' } });
    const offer: WebhookCall = JSON.parse(call?.event ?? '');
    assert.equal((await findCall(database.read(), offer, AT))?.endpoint_id, doomed.id);

    await database.write((tx) => deleteWebhookEndpoint(tx, doomed.id, AT));
    const messages = async () =>
      (await findRows(database.read(), WebhookMessage, {}, { ...FRESH, orderBy: { id: 'asc' } })).map(
        ({ endpoint_id }) => endpoint_id,
      );
    assert.equal((await messages()).length, 4, 'not in the commit of the deletion');
    assert.equal(await findWebhookEndpoint(database.read(), doomed.id), null);
    const listed = await listWebhookEndpoints(database.read(), { company_id }, FRESH);
    assert.deepEqual(
      listed.map(({ id }) => id),
      [other.id],
    );
    assert.equal(await countWebhookEndpoints(database.read(), company_id), 1);
    assert.equal(await countDisabledEndpoints(database.read()), 0);
    assert.equal(await countPendingMessages(database.read()), 1);
    const shown = await listMessages(database.read(), { company_id, id: { $gt: 0 } }, FRESH);
    assert.deepEqual(
      shown.map(({ endpoint_id }) => endpoint_id),
      [other.id],
    );
    assert.equal(await findCall(database.read(), offer, AT), null);
    assert.deepEqual(await disabledWithMessages(database.read()), []);
    assert.deepEqual(await dueEndpoints(database.read(), AT), []);
    assert.equal(await tell(doomed.id), null);
    const endpoints = () => findRows(database.read(), WebhookEndpoint, {}, { ...FRESH, orderBy: { id: 'asc' } });
    const [{ url, secret, enabled } = assert.fail()] = await endpoints();
    assert.deepEqual([url, secret, enabled], ['', '', false]);

    const clear = () => clearDeletedEndpoints(database, 2);
    assert.deepEqual([await clear(), await messages()], [2, [doomed.id, other.id]]);
    assert.deepEqual([await clear(), await messages(), await clear()], [2, [other.id], 0]);
    assert.deepEqual(
      (await endpoints()).map(({ id }) => id),
      [other.id],
    );
  });
});
