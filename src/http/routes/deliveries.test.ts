import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { logDeliveries } from '../../db/deliveries.ts';

const EXPLAIN = '/v1/deliveries/explain';

describeOnEachDatabase('deliveries', ({ open }) => {
  test('are listed page by page as they were logged', async (t) => {
    const api = await startTestApi(t, { database: await open(t) });
    const { company_id, client_id } = await makeSalon(api);
    const row = { company_id, event_type: 'booking_created', booking_id: 1, user_id: client_id, role: 'client' };
    const end = {
      channel: 'telegram',
      status: 'delivered' as const,
      reason: null,
      attempts: 1,
      chat_id: -5,
      message_id: 6,
    };
    const finished_at = new Date('2026-11-23T10:00:00.123Z');
    await api.database.write((tx) =>
      logDeliveries(
        tx,
        ['a', 'b', 'c'].map((event_id) => ({ ...row, ...end, event_id, finished_at, merged_versions: [2, 3] })),
      ),
    );
    const first = await api.ok('GET', `/v1/deliveries?limit=2&company_id=${company_id}&status=delivered`);
    assert.deepEqual(
      [first.items.length, { ...first.items[0], id: 0 }],
      [2, { id: 0, ...row, ...end, event_id: 'a', finished_at: finished_at.toISOString(), merged_versions: [2, 3] }],
    );
    const rest = await api.ok('GET', `/v1/deliveries?cursor=${first.next_cursor}`);
    assert.deepEqual(
      [rest.items.map(({ event_id }: { event_id: string }) => event_id), rest.next_cursor],
      [['c'], null],
    );
    const from = encodeURIComponent('2026-11-23T13:00:00.124+03:00');
    assert.equal((await api.ok('GET', `/v1/deliveries?finished_from=${from}`)).items.length, 0);
    assert.equal((await api.ok('GET', `/v1/deliveries?finished_to=${from}&event_id=b`)).items.length, 1);
  });

  test('and explain refuse parameters that cannot be, and answer the strangest of the others', async (t) => {
    const api = await startTestApi(t, { database: await open(t) });
    const cursorOf = (text: string) => `cursor=${Buffer.from(text).toString('base64url')}`;
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['cursor=x', 'cursor'],
      [cursorOf('after:1'), 'cursor'],
      [cursorOf('after:-1:1'), 'cursor'],
      [cursorOf('after:999999999999999:1'), 'cursor'],
      [cursorOf('after:1:1;DROP TABLE deliveries'), 'cursor'],
      ['user_id=1%27%20OR%201=1', 'user_id'],
      ['user_id=99999999999', 'user_id'],
      ['user_id=1&user_id=2', 'user_id'],
      ['status=lost', 'status'],
      ['role=system', 'role'],
      ['channel=sms', 'channel'],
      ['event_type=x', 'event_type'],
      ['event_id=', 'event_id'],
      ['event_id=%00', 'event_id'],
      [`event_id=${'x'.repeat(129)}`, 'event_id'],
      ['broadcast_id=0', 'broadcast_id'],
      ['finished_from=yesterday', 'finished_from'],
      ['finished_to=2026-11-23T10:00:00', 'finished_to'],
      ['reason=initiator', 'reason'],
    ] as const)
      assertProblem(await api.call('GET', `/v1/deliveries?${query}`), 400, field);
    for (const [query, field] of [
      ['event_id=a', 'user_id'],
      ['user_id=1', 'event_id'],
      ['event_id=a&user_id=x', 'user_id'],
      ['event_id=%0a&user_id=1', 'event_id'],
      ['event_id=a&user_id=1&company_id=-1', 'company_id'],
    ] as const)
      assertProblem(await api.call('GET', `${EXPLAIN}?${query}`), 400, field);

    for (const text of [
      "'; DROP TABLE deliveries; --",
      '%',
      '_',
      'broadcast:1:1',
      'broadcast:9999999999:9999999999',
      '"',
      '\\',
      '😀',
      '__proto__',
    ]) {
      const event_id = encodeURIComponent(text);
      assert.deepEqual((await api.ok('GET', `/v1/deliveries?event_id=${event_id}`)).items, []);
      const { verdict, company_id, steps } = await api.ok(
        'GET',
        `${EXPLAIN}?event_id=${event_id}&user_id=2147483647&company_id=1`,
      );
      assert.deepEqual([verdict, company_id, steps], ['unknown_event', 1, []]);
    }
    assert.equal((await api.ok('GET', `${EXPLAIN}?event_id=a&user_id=1`)).company_id, null);
    for (const at of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])
      await api.ok('GET', `/v1/deliveries?finished_from=${at}&finished_to=${at}`);
    assert.deepEqual((await api.ok('GET', '/v1/deliveries')).items, []);
  });

  test('explain tells of an event that waits in the outbox, without Redis', async (t) => {
    const api = await startTestApi(t, { database: await open(t), newEventId: () => 'e-1' });
    const salon = await makeSalon(api);
    await api.ok('POST', '/v1/bookings', bookingBody(salon), { 'X-Initiated-By-User-Id': String(salon.admin_id) });
    const verdictOf = async (user_id: number) => await api.ok('GET', `${EXPLAIN}?event_id=e-1&user_id=${user_id}`);
    const specialist = await verdictOf(salon.specialist_id);
    assert.equal(specialist.verdict, 'under_way');
    assert.match(specialist.explanation, /waits in the outbox/);
    const admin = await verdictOf(salon.admin_id);
    assert.equal(admin.verdict, 'under_way');
    assert.match(admin.explanation, /will not be sent the message, because they made the change themselves/);
  });
});
