import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import type { Database } from '../db/database.ts';
import { SYSTEM_INITIATOR } from '../domain/events.ts';
import { BookingRefused } from './booking-refused.ts';
import { createBookingService } from './booking-service.ts';

describeOnEachDatabase('the booking service', (databases) => {
  test('carries a booking through its life', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const body = { ...bookingBody(await makeSalon(api)), external_id: 'A-1' };
    const { id } = await api.ok('POST', '/v1/bookings', body, { 'idempotency-key': 'k' });
    assert.equal((await api.ok('POST', '/v1/bookings', body, { 'idempotency-key': 'k' })).id, id);
    assertProblem(await api.call('POST', '/v1/bookings', { ...body, external_id: 'A-2' }), 409, 'starts_at');
    assertProblem(await api.call('POST', '/v1/bookings', { ...body, allow_overlap: true }), 409, 'external_id');
    const moved = await api.ok('PATCH', `/v1/bookings/${id}`, { starts_at: '2026-12-30T10:00:00Z', location_id: null });
    assert.deepEqual(await api.ok('GET', `/v1/bookings/${id}`), moved);
    const inPeriod = '?starts_from=2026-12-30T10:00:00Z&starts_to=2026-12-30T10:00:01Z&status=created';
    assert.deepEqual((await api.ok('GET', `/v1/bookings${inPeriod}`)).items, [moved]);
    const done = await api.ok('POST', `/v1/bookings/${id}/cancel`);
    assert.deepEqual([done.status, done.version], ['cancelled', 3]);
    assert.deepEqual(
      (await api.outbox()).map((event) => [event.type, event.change?.version]),
      [
        ['booking_created', 1],
        ['booking_rescheduled', 2],
        ['booking_cancelled', 3],
      ],
    );
  });

  test('lets two processes book a slot once', async (t) => {
    const [one, two] = await databases.openTwice(t);
    const api = await startTestApi(t, { database: one });
    const salon = await makeSalon(api);
    let eventNumber = 0;
    const serviceOf = (database: Database) =>
      createBookingService({
        database,
        clock: () => new Date(),
        newId: () => `event-${++eventNumber}`,
        onCommitted: () => undefined,
      });
    const input = {
      ...bookingBody(salon),
      starts_at: new Date('2026-12-28T11:00:00Z'),
      external_id: null,
      allow_overlap: false,
      notify: true,
    };
    const tries = await Promise.allSettled(
      [serviceOf(one), serviceOf(two)].flatMap((service) =>
        Array.from({ length: 8 }, () => service.commit((tx) => service.create(tx, input, SYSTEM_INITIATOR))),
      ),
    );
    const refused = tries.filter((one) => one.status === 'rejected').map((one) => one.reason);
    assert.equal(refused.length, 15);
    assert.ok(refused.every((error) => error instanceof BookingRefused && error.code === 'booking_overlap'));
    assert.equal((await api.outbox()).length, 1);
  });
});
