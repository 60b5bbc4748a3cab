import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOOKING_STATUSES } from './bookings.ts';
import { RECIPIENT_ROLES, type RecipientRole } from './events.ts';
import { rightsIn } from './permissions.ts';

const NOW = new Date('2026-11-23T10:00:00Z');
const PLACES = ['its client', 'its specialist', 'neither'] as const;
type Place = (typeof PLACES)[number];
const HOUR_MS = 3_600_000;
/** From now to the start. */
const TIMES = { later: HOUR_MS, 'in a moment': 1, now: 0, earlier: -HOUR_MS };

/** What place and role make of a user; the rest of the table only narrows it. */
const ROLES: Record<Place, Record<RecipientRole, RecipientRole | null>> = {
  'its client': { client: 'client', specialist: 'client', admin: 'client' },
  'its specialist': { client: 'specialist', specialist: 'specialist', admin: 'specialist' },
  neither: { client: null, specialist: null, admin: 'admin' },
};

const IDS: Record<Place, number> = { 'its client': 1, 'its specialist': 2, neither: 3 };

describe('what a user may do with a booking', () => {
  for (const place of PLACES)
    for (const role of RECIPIENT_ROLES)
      for (const status of BOOKING_STATUSES)
        for (const [time, distance] of Object.entries(TIMES))
          for (const company of ['same', 'other'] as const) {
            const expected = company === 'same' ? ROLES[place][role] : null;
            const changeable = status === 'created' && distance > 0;
            const rights = changeable ? ['cancel', 'reschedule', 'view'] : ['view'];
            const verdict = expected ? `${rights.join(', ')} as ${expected}` : 'nothing';
            test(`a user of role ${role} who is ${place}, of the ${company} company, ${status}, starts ${time}: ${verdict}`, () => {
              const user = { id: IDS[place], role, company_id: company === 'same' ? 7 : 8 };
              const starts_at = new Date(NOW.getTime() + distance);
              const given = rightsIn(user, { company_id: 7, client_id: 1, specialist_id: 2, status, starts_at }, NOW);
              assert.equal(given?.role ?? null, expected);
              assert.deepEqual(given && [...given.rights].sort(), expected ? rights : null);
            });
          }

  test('one who is client and specialist of a booking acts as its client', () => {
    const booking = { company_id: 7, client_id: 1, specialist_id: 1, status: 'created', starts_at: NOW } as const;
    assert.equal(rightsIn({ id: 1, role: 'specialist', company_id: 7 }, booking, NOW)?.role, 'client');
  });
});
