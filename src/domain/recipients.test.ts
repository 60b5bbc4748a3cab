import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BookingEventType, Initiator, LadderStep } from './events.ts';
import {
  ANNA,
  BORIS,
  BORIS_TO_ANNA,
  CLIENT,
  EVERYONE,
  event,
  OLGA,
  STATE,
  select,
  whoDoesNot,
  whoHears,
} from './recipients.fixture.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

describe('who hears what by default', () => {
  const cells: [BookingEventType, Partial<Initiator>, string][] = [
    ['booking_created', { user_id: 1, role: 'client' }, EVERYONE],
    ['booking_created', { user_id: 4, role: 'admin' }, '1 client, 2 specialist, 5 admin'],
    ['booking_created', { user_id: 2, role: 'specialist' }, '1 client, 5 admin, 4 admin'],
    ['booking_created', { role: 'system' }, EVERYONE],
    ['booking_cancelled', { user_id: 1, role: 'client' }, '2 specialist, 5 admin, 4 admin'],
    ['booking_cancelled', { user_id: 4, role: 'admin' }, '1 client, 2 specialist, 5 admin'],
    ['booking_cancelled', { user_id: 2, role: 'specialist' }, '1 client, 5 admin, 4 admin'],
    ['booking_cancelled', { role: 'system' }, EVERYONE],
    ['booking_rescheduled', { user_id: 1, role: 'client' }, '2 specialist, 5 admin, 4 admin'],
    ['booking_rescheduled', { user_id: 4, role: 'admin' }, '1 client, 2 specialist, 5 admin'],
    ['booking_rescheduled', { user_id: 2, role: 'specialist' }, '1 client, 5 admin, 4 admin'],
    ['booking_rescheduled', { role: 'system' }, EVERYONE],
    ['booking_reminder', { role: 'cron' }, '1 client, 2 specialist'],
  ];
  for (const [type, by, expected] of cells) {
    test(`${type} by ${by.role}: ${expected}`, () => assert.equal(whoHears(event(type, by)), expected));
  }

  test('a role without a user id excludes nobody', () => {
    assert.equal(whoHears(event('booking_cancelled', { role: 'admin' })), EVERYONE);
  });

  test('a specialist of another booking and a client of another booking hear nothing', () => {
    const users = [CLIENT, ANNA, BORIS, { id: 9, role: 'client', tg_id: 109, telegram_unreachable: null } as const];
    assert.equal(whoHears(event('booking_created', {}), { users }), '1 client, 2 specialist');
  });
});

describe('who hears that a client has not confirmed', () => {
  const unconfirmed = (step?: LadderStep) => ({
    ...event('booking_unconfirmed', { role: 'cron' }),
    ...(step && { step }),
  });

  test('first the client, by Web Push alone, then the admins', () => {
    assert.equal(whoHears(unconfirmed('push')), '1 client');
    assert.deepEqual(select(unconfirmed('push')).chosen[0]?.channels, ['web_push']);
    assert.equal(whoHears(unconfirmed('call')), '5 admin, 4 admin');
    assert.equal(whoHears(unconfirmed()), '1 client, 5 admin, 4 admin');
  });

  test('whose turn it is not is told so by the log', () => {
    assert.equal(whoDoesNot(unconfirmed('call')), '1 client other_step, 2 specialist setting_off');
    assert.equal(whoDoesNot(unconfirmed('push')), '2 specialist other_step, 5 admin other_step, 4 admin other_step');
  });

  test('a specialist whose setting is on calls too', () => {
    const settings = DEFAULT_SETTINGS.map((row) => ({ ...row, enabled: true }));
    assert.equal(whoHears(unconfirmed('call'), { settings }), '2 specialist, 5 admin, 4 admin');
  });

  test('a client whose Web Push is off is not reminded over Telegram instead', () => {
    const off = { event_type: 'booking_unconfirmed', recipient_role: 'client', channel: 'web_push' };
    const settings = [...DEFAULT_SETTINGS, { ...off, enabled: false, ad_template_id: null }];
    assert.equal(whoHears(unconfirmed('push'), { settings }), '');
  });
});

describe('why someone does not hear', () => {
  test('the initiator is named as such, whatever role they claim', () => {
    assert.equal(whoDoesNot(event('booking_cancelled', { user_id: 4, role: 'client' })), '4 admin initiator');
    assert.equal(whoDoesNot(event('booking_rescheduled', { user_id: 1, role: 'admin' })), '1 client initiator');
  });

  test('a setting that is off is named', () => {
    const reminder = event('booking_reminder', { role: 'cron' });
    assert.equal(whoDoesNot(reminder), '5 admin setting_off, 4 admin setting_off');
  });

  test('without any setting nobody hears', () => {
    const selection = select(event('booking_created', {}), { settings: [] });
    assert.deepEqual(selection.chosen, []);
    assert.deepEqual(new Set(selection.excluded.map(({ reason }) => reason)), new Set(['setting_off']));
  });

  test('the confirmation of a new booking obeys its setting too', () => {
    const settings = DEFAULT_SETTINGS.filter(({ recipient_role }) => recipient_role !== 'client');
    const given = event('booking_created', { user_id: 1, role: 'client' });
    assert.equal(whoDoesNot(given, { settings }), '1 client setting_off');
  });
});

describe('channels', () => {
  test('all channels are open where one row speaks for all', () => {
    assert.deepEqual(select(event('booking_created', {})).chosen[0]?.channels, ['telegram', 'web_push']);
  });

  test('a row for a channel closes that channel only', () => {
    const closed = { event_type: 'booking_created', recipient_role: 'client', channel: 'telegram' };
    const settings = [...DEFAULT_SETTINGS, { ...closed, enabled: false, ad_template_id: null }];
    assert.deepEqual(select(event('booking_created', {}), { settings }).chosen[0]?.channels, ['web_push']);
  });
});

describe('the specialist who hears', () => {
  const booking = { client_id: CLIENT.id, specialist_id: BORIS.id };
  const users = [CLIENT, ANNA, BORIS];
  const sinceThen = { booking, users };

  test('of a change is the one it left the booking with, even when another one has it by now', () => {
    const created = event('booking_created', {}, { version: 1, from: null, to: STATE });
    const moved = event('booking_rescheduled', {}, { version: 2, from: STATE, to: { ...STATE, duration_min: 90 } });
    for (const given of [created, moved]) assert.equal(whoHears(given, sinceThen), '1 client, 2 specialist');
  });

  test('of anything else, and of a change that names nobody, is the one who has the booking', () => {
    const change = { version: 1, from: null, to: STATE };
    assert.equal(whoHears(event('booking_cancelled', {}, change), sinceThen), '1 client, 3 specialist');
    assert.equal(whoHears(event('booking_reminder', {}, change), sinceThen), '1 client, 3 specialist');
    assert.equal(whoHears(event('booking_created', {}), sinceThen), '1 client, 3 specialist');
    assert.equal(whoHears(event('booking_rescheduled', {}), sinceThen), '1 client, 3 specialist');
  });
});

describe('a reschedule that replaces the specialist', () => {
  const users = [CLIENT, ANNA, BORIS, OLGA];
  const moved = event('booking_rescheduled', { user_id: 4, role: 'admin' }, BORIS_TO_ANNA);

  test('tells the one it left', () => {
    assert.equal(whoHears(moved, { users }), '1 client, 2 specialist, 3 former_specialist');
  });

  test('asks the settings about the former specialist as about a specialist', () => {
    const settings = DEFAULT_SETTINGS.filter(({ recipient_role }) => recipient_role !== 'specialist');
    assert.equal(whoHears(moved, { users, settings }), '1 client');
  });

  test('does not tell the former specialist who gave it away', () => {
    const given = event('booking_rescheduled', { user_id: 3, role: 'specialist' }, BORIS_TO_ANNA);
    assert.equal(whoDoesNot(given, { users }), '3 former_specialist initiator');
  });

  test('tells a former specialist who is an admin as the former specialist', () => {
    const admins = [CLIENT, ANNA, { ...BORIS, role: 'admin' } as const];
    assert.equal(whoHears(moved, { users: admins }), '1 client, 2 specialist, 3 former_specialist');
  });

  test('is for the two whom it moved, whoever has the booking by the time of the plan', () => {
    const booking = { client_id: CLIENT.id, specialist_id: 9 };
    const later = [...users, { id: 9, role: 'specialist', tg_id: 109, telegram_unreachable: null } as const];
    assert.equal(whoHears(moved, { users: later, booking }), '1 client, 2 specialist, 3 former_specialist');
  });

  test('knows no former specialist when only the time moved', () => {
    const given = event('booking_rescheduled', {}, { version: 2, from: STATE, to: STATE });
    assert.equal(whoHears(given, { users }), '1 client, 2 specialist, 4 admin');
  });
});
