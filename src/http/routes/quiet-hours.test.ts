import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { dueBookings } from '../../db/due-bookings.ts';

const NIGHT = { from: '22:00', to: '08:00' };
const LATE = { from: '23:30', to: '07:00' };

describe('the quiet hours of a user', () => {
  test('are a night without ads for whoever says nothing', async (t) => {
    const api = await startTestApi(t);
    const { client_id, company_id } = await makeSalon(api);
    const { quiet_hours, time_zone } = await api.ok('GET', `/v1/users/${client_id}`);
    assert.deepEqual([quiet_hours, time_zone], [{ broadcasts: NIGHT, messages: null }, null]);
    const person = { company_id, role: 'client', name: 'Пётр' };
    const made = await api.call('POST', '/v1/users', { ...person, quiet_hours: { messages: LATE } });
    assert.deepEqual(made.body.quiet_hours, { broadcasts: NIGHT, messages: LATE });
    assert.deepEqual(await api.ok('GET', `/v1/users/${made.body.id}`), made.body);
  });

  test('change by the kind, and stay when something else changes', async (t) => {
    const api = await startTestApi(t);
    const { client_id } = await makeSalon(api);
    const path = `/v1/users/${client_id}`;
    const patch = async (body: object) => (await api.ok('PATCH', path, body)).quiet_hours;
    assert.deepEqual(await patch({ quiet_hours: { messages: LATE } }), { broadcasts: NIGHT, messages: LATE });
    assert.deepEqual(await patch({ quiet_hours: { broadcasts: null } }), { broadcasts: null, messages: LATE });
    assert.deepEqual(await patch({ quiet_hours: {} }), { broadcasts: null, messages: LATE });
    assert.deepEqual(await patch({ name: 'Анна', time_zone: 'Asia/Tokyo' }), { broadcasts: null, messages: LATE });
    const { items } = await api.ok('GET', '/v1/users?time_zone=Asia/Tokyo');
    assert.deepEqual(
      items.map((one: { id: number; quiet_hours: unknown }) => [one.id, one.quiet_hours]),
      [[client_id, { broadcasts: null, messages: LATE }]],
    );
  });

  test('and the zone of a person make their bookings be looked at where they are others; nothing else does', async (t) => {
    const now = new Date('2026-11-23T10:00:00.000Z');
    const api = await startTestApi(t, { clock: () => now });
    const salon = await makeSalon(api);
    const starts_at = '2026-11-25T10:00:00.000Z';
    const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at });
    const lookedAt = async (change: object) => {
      await api.database.write((tx) => tx.execute('UPDATE bookings SET next_reminder_at = NULL'));
      await api.ok('PATCH', `/v1/users/${salon.client_id}`, change);
      return await dueBookings(api.database.read(), now, { room: 10, underWay: new Map() });
    };
    assert.deepEqual(await lookedAt({ name: 'Анна', time_zone: null, quiet_hours: { messages: null } }), []);
    assert.deepEqual(await lookedAt({ quiet_hours: { messages: LATE } }), [id]);
    assert.deepEqual(await lookedAt({ quiet_hours: { messages: LATE, broadcasts: NIGHT } }), []);
    assert.deepEqual(await lookedAt({ time_zone: 'Asia/Tokyo', quiet_hours: { messages: LATE } }), [id]);
    assert.deepEqual(await lookedAt({ time_zone: 'Asia/Tokyo' }), []);
  });

  test('are refused by the name of what is wrong', async (t) => {
    const api = await startTestApi(t);
    const { client_id } = await makeSalon(api);
    const path = `/v1/users/${client_id}`;
    const before = await api.ok('GET', path);
    for (const [quiet_hours, field] of [
      [{ messages: { from: '22:00', to: '22:00' } }, 'quiet_hours.messages'],
      [{ messages: { from: '24:00', to: '08:00' } }, 'quiet_hours.messages.from'],
      [{ broadcasts: { from: '22:00' } }, 'quiet_hours.broadcasts.to'],
      [{ broadcasts: '22-08' }, 'quiet_hours.broadcasts'],
      [{ sundays: null }, 'quiet_hours.sundays'],
    ] as const)
      assertProblem(await api.call('PATCH', path, { quiet_hours }), 422, field);
    for (const time_zone of ['CET', '+03:00', 'Mars/Phobos', ''])
      assertProblem(await api.call('PATCH', path, { time_zone }), 422, 'time_zone');
    assert.deepEqual(await api.ok('GET', path), before);
  });
});
