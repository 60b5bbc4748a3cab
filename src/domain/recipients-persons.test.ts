import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ANNA, CLIENT, event, OLGA, PAVEL, select, whoDoesNot, whoHears } from './recipients.fixture.ts';
import type { Person } from './recipients.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

describe('one person in several places', () => {
  const ownBooking = { booking: { client_id: OLGA.id, specialist_id: ANNA.id }, users: [PAVEL, OLGA, ANNA] };

  test('an admin who is the client hears once, as the client', () => {
    assert.equal(whoHears(event('booking_cancelled', {}), ownBooking), '4 client, 2 specialist, 5 admin');
    assert.equal(whoDoesNot(event('booking_cancelled', {}), ownBooking), '');
  });

  test('an admin who is the specialist hears once, as the specialist', () => {
    const booking = { client_id: CLIENT.id, specialist_id: OLGA.id };
    assert.equal(whoHears(event('booking_created', {}), { booking }), '1 client, 4 specialist, 5 admin');
  });

  test('an admin who is the client and cancels hears nothing', () => {
    const given = event('booking_cancelled', { user_id: 4, role: 'admin' });
    assert.equal(whoHears(given, ownBooking), '2 specialist, 5 admin');
    assert.equal(whoDoesNot(given, ownBooking), '4 client initiator');
  });

  test('an admin who books for themselves gets the confirmation alone', () => {
    const given = event('booking_created', { user_id: 4, role: 'client' });
    assert.equal(whoHears(given, ownBooking), '4 client, 2 specialist, 5 admin');
  });

  test('two users with one Telegram account hear once', () => {
    const users = [
      CLIENT,
      ANNA,
      OLGA,
      { id: 6, role: 'admin', tg_id: ANNA.tg_id, telegram_unreachable: null } as const,
    ];
    assert.equal(whoHears(event('booking_created', {}), { users }), '1 client, 2 specialist, 4 admin');
    assert.equal(whoDoesNot(event('booking_created', {}), { users }), '6 admin heard_in_nearer_role');
  });

  test('an admin who is the specialist keeps the admin’s place in reserve', () => {
    const booking = { client_id: CLIENT.id, specialist_id: OLGA.id };
    const olga = select(event('booking_created', {}), { booking }).chosen.find(({ user_id }) => user_id === OLGA.id);
    assert.deepEqual([olga?.audience, olga?.otherwise?.audience], ['specialist', 'admin']);
    assert.equal(olga?.otherwise?.otherwise, undefined);
  });

  test('a place that is switched off, or the initiator’s, is no reserve', () => {
    const created = event('booking_created', { user_id: 4, role: 'client' });
    assert.equal(select(created, ownBooking).chosen[0]?.otherwise, undefined);
    const settings = DEFAULT_SETTINGS.filter(({ recipient_role }) => recipient_role !== 'admin');
    assert.equal(select(event('booking_created', {}), { ...ownBooking, settings }).chosen[0]?.otherwise, undefined);
  });

  test('users without Telegram are different persons', () => {
    const users = [CLIENT, ANNA, PAVEL, { id: 7, role: 'admin', tg_id: null, telegram_unreachable: null } as const];
    assert.equal(whoHears(event('booking_created', {}), { users }), '1 client, 2 specialist, 5 admin, 7 admin');
  });

  test('the initiator does not hear through another user of the same Telegram account', () => {
    const users = [
      CLIENT,
      ANNA,
      OLGA,
      { id: 6, role: 'admin', tg_id: ANNA.tg_id, telegram_unreachable: null } as const,
    ];
    const given = event('booking_cancelled', { user_id: 6, role: 'admin' });
    assert.equal(whoHears(given, { users }), '1 client, 4 admin');
  });

  test('someone whose nearer role is switched off still hears in the other', () => {
    const settings = DEFAULT_SETTINGS.filter(({ recipient_role }) => recipient_role !== 'client');
    assert.equal(
      whoHears(event('booking_cancelled', {}), { ...ownBooking, settings }),
      '2 specialist, 5 admin, 4 admin',
    );
  });
});

describe('a group of admins', () => {
  const GROUP: Person = { id: 20, role: 'admin', tg_id: -1_000_000_000_055, telegram_unreachable: null };
  const users = [PAVEL, OLGA, ANNA, CLIENT, GROUP];
  const created = event('booking_created', { role: 'system' });

  test('hears instead of its admins with Telegram; the others keep Web Push', () => {
    assert.equal(whoHears(created, { users }), '1 client, 2 specialist, 5 admin, 20 admin');
    assert.equal(whoDoesNot(created, { users }), '4 admin heard_in_group');
  });

  test('also hears what one of its admins did, and even what was done in its own name', () => {
    const byOlga = event('booking_cancelled', { user_id: OLGA.id, role: 'admin' });
    assert.equal(whoHears(byOlga, { users }), '1 client, 2 specialist, 5 admin, 20 admin');
    assert.equal(whoDoesNot(byOlga, { users }), '4 admin initiator');
    const byGroup = event('booking_cancelled', { user_id: GROUP.id, role: 'admin' });
    assert.equal(whoHears(byGroup, { users }), '1 client, 2 specialist, 5 admin, 20 admin');
  });

  test('that cannot be reached leaves the admins to hear by themselves', () => {
    const gone = [...users.slice(0, -1), { ...GROUP, telegram_unreachable: 'blocked' }];
    assert.equal(whoHears(created, { users: gone }), '1 client, 2 specialist, 5 admin, 4 admin, 20 admin');
  });

  test('says nothing for anybody where admins do not hear over Telegram', () => {
    const row = { event_type: 'booking_created', recipient_role: 'admin', channel: 'telegram' };
    const settings = [...DEFAULT_SETTINGS, { ...row, enabled: false, ad_template_id: null }];
    assert.equal(whoHears(created, { users, settings }), '1 client, 2 specialist, 5 admin, 4 admin, 20 admin');
  });

  test('does not take the place of an admin who is the specialist, or the client', () => {
    const booking = { client_id: OLGA.id, specialist_id: ANNA.id };
    const admins = [PAVEL, OLGA, { ...ANNA, role: 'admin' as const }, GROUP];
    assert.equal(whoHears(created, { users: admins, booking }), '4 client, 2 specialist, 5 admin, 20 admin');
    assert.equal(select(created, { users: admins, booking }).chosen[0]?.otherwise, undefined);
  });

  test('is one of several', () => {
    const both = [...users, { ...GROUP, id: 21, tg_id: -77 }];
    assert.equal(whoHears(created, { users: both }), '1 client, 2 specialist, 5 admin, 20 admin, 21 admin');
  });
});
