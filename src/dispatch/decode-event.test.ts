import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEvent } from './decode-event.ts';

const EVENT = {
  id: 'e1',
  type: 'booking_created',
  company_id: 1,
  booking_id: 2,
  initiated_by: { user_id: 45, role: 'client', channel: 'tg_bot' },
  ts: 1_706_000_000,
};
const decode = (event: unknown) => decodeEvent(JSON.stringify(event));

test('reads an event with and without a change', () => {
  assert.deepEqual(decode(EVENT), { kind: 'event', event: EVENT });
  const to = {
    starts_at: '2027-01-28T11:00:00.000Z',
    specialist_id: 1,
    service_id: 1,
    location_id: null,
    duration_min: 60,
  };
  const changed = { ...EVENT, change: { version: 1, from: null, to } };
  assert.deepEqual(decode(changed), { kind: 'event', event: changed });
});

test('a member that a newer version added is no reason to refuse the event', () => {
  assert.equal(decode({ ...EVENT, later: true }).kind, 'event');
});

test('a type that this version does not know is told apart from nonsense', () => {
  const decoded = decode({ ...EVENT, type: 'booking_confirmed' });
  assert.equal(decoded.kind, 'unknown_type');
});

const DAY = {
  ...{ id: 'd1', type: 'specialist_day', company_id: 1, user_id: 2, date: '2026-11-24', ts: 1 },
  initiated_by: { user_id: null, role: 'cron', channel: 'scheduler' },
};

test("reads a specialist's day", () => {
  assert.deepEqual(decode({ ...DAY, trace: 'nonsense' }), { kind: 'event', event: { ...DAY, trace: undefined } });
});

for (const [what, text] of Object.entries({
  nothing: '',
  'half of it': '{"type":"booking_created"',
  'an array': '[]',
  null: 'null',
  'no type': '{"id":"1"}',
  'an empty type': '{"type":""}',
  'a wrong id': JSON.stringify({ ...EVENT, company_id: '1' }),
  'a fraction': JSON.stringify({ ...EVENT, booking_id: 1.5 }),
  'a control character in the id': JSON.stringify({ ...EVENT, id: 'a\u0000b' }),
  'half a character in the id': JSON.stringify({ ...EVENT, id: 'a\ud800b' }),
  'a control character in the channel': JSON.stringify({
    ...EVENT,
    initiated_by: { ...EVENT.initiated_by, channel: 'tg\nbot' },
  }),
  'a day that the calendar lacks': JSON.stringify({ ...DAY, date: '2026-02-30' }),
  'a day with an hour': JSON.stringify({ ...DAY, date: '2026-11-24T08:00' }),
  'a year of five digits': JSON.stringify({ ...DAY, date: '12026-11-24' }),
  'a day of nobody': JSON.stringify({ ...DAY, user_id: null }),
  'a day of two people': JSON.stringify({ ...DAY, user_id: [2, 3] }),
  'a forged role': JSON.stringify({ ...EVENT, initiated_by: { user_id: 1, role: 'root', channel: 'x' } }),
}))
  test(`${what} is undecodable`, () => {
    assert.equal(decodeEvent(text).kind, 'undecodable');
  });

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof decodeEvent(text).kind === 'string'));
});
