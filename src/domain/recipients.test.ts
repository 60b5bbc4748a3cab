import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BookingEvent, BookingEventType, BookingState, Initiator } from './events.ts';
import { type Person, type SelectionRequest, selectRecipients } from './recipients.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

const CLIENT: Person = { id: 1, role: 'client', tg_id: 101, telegram_unreachable: null };
const ANNA: Person = { id: 2, role: 'specialist', tg_id: 102, telegram_unreachable: null };
const BORIS: Person = { id: 3, role: 'specialist', tg_id: 103, telegram_unreachable: null };
const OLGA: Person = { id: 4, role: 'admin', tg_id: 104, telegram_unreachable: null };
const PAVEL: Person = { id: 5, role: 'admin', tg_id: null, telegram_unreachable: null };

const STATE: BookingState = {
  starts_at: '2026-01-28T11:00:00Z',
  specialist_id: ANNA.id,
  service_id: 1,
  location_id: 1,
  duration_min: 60,
};

function event(type: BookingEventType, by: Partial<Initiator>, change?: BookingEvent['change']): BookingEvent {
  return {
    id: 'e1',
    type,
    company_id: 1,
    booking_id: 123,
    initiated_by: { user_id: null, role: 'system', channel: 'api', ...by },
    ts: 1_769_000_000,
    ...(change && { change }),
  };
}

const BORIS_TO_ANNA = { version: 2, from: { ...STATE, specialist_id: BORIS.id }, to: STATE };

function select(given: BookingEvent, rest: Partial<SelectionRequest> = {}) {
  return selectRecipients({
    event: given,
    booking: { client_id: CLIENT.id, specialist_id: ANNA.id },
    users: [PAVEL, OLGA, ANNA, CLIENT],
    settings: DEFAULT_SETTINGS,
    ...rest,
  });
}

/** `1 client, 2 specialist, …`: who hears, in which place. */
function whoHears(given: BookingEvent, rest: Partial<SelectionRequest> = {}): string {
  return select(given, rest)
    .chosen.map(({ user_id, audience }) => `${user_id} ${audience}`)
    .join(', ');
}

function whoDoesNot(given: BookingEvent, rest: Partial<SelectionRequest> = {}): string {
  return select(given, rest)
    .excluded.map(({ user_id, audience, reason }) => `${user_id} ${audience} ${reason}`)
    .join(', ');
}

const EVERYONE = '1 client, 2 specialist, 5 admin, 4 admin';

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
