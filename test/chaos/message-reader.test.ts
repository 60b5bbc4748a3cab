import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommittedEvent } from './history.ts';
import { createMessageReader } from './message-reader.ts';

const at = (minute: number) => `2027-01-01T00:0${minute}:00.000Z`;
const event = (id: string, type: string, from: string | null, to: string): CommittedEvent => ({
  seq: 0,
  id,
  company: 1,
  booking: 5,
  type,
  version: 1,
  from,
  to,
});

test('a text tells its event, also when it shows a later state of the booking', () => {
  const read = createMessageReader([
    event('created', 'booking_created', null, at(1)),
    event('first-move', 'booking_rescheduled', at(1), at(2)),
    event('second-move', 'booking_rescheduled', at(2), at(3)),
    event('cancelled', 'booking_cancelled', at(3), at(3)),
  ]);
  const text = (header: string, time: string) => `${header}\n\n👤 client\n🕐 ${time}\n\nSee you there!`;
  const [first, second, third] = ['1 Jan 2027, 00:01', '1 Jan 2027, 00:02', '1 Jan 2027, 00:03'];
  assert.equal(read(1, text('📅 New booking #5', `${first}`)), 'created');
  assert.equal(read(1, text('📅 New booking #5', `${third}`)), 'created');
  assert.equal(read(1, text('🔄 Booking #5 moved', `${first} → ${third}`)), 'first-move');
  assert.equal(read(1, text('🔄 Booking #5 moved', `${second} → ${third}`)), 'second-move');
  assert.equal(read(1, text('❌ Booking #5 cancelled', `${third}`)), 'cancelled');
  assert.equal(read(2, text('📅 New booking #5', `${first}`)), null);
  assert.equal(read(1, 'hello'), null);
});
