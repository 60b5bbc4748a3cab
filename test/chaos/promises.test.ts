import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Promised } from './bookers.ts';
import type { CommittedEvent } from './history.ts';
import { brokenPromises } from './promises.ts';

const promise: Promised = { booking: 1, version: 1, type: 'booking_created' };
const event: CommittedEvent = { ...promise, seq: 1, id: 'a', company: 1, from: null, to: '' };

test('what was promised is committed once, and no booking exists that nobody was promised', () => {
  assert.deepEqual(brokenPromises([promise], [event], 1), []);
  assert.deepEqual(brokenPromises([promise], [], 1), ['promised and not committed: booking 1 v1 booking_created']);
  assert.deepEqual(brokenPromises([promise], [event, { ...event, seq: 2, id: 'b' }], 1), [
    'committed 2 times: booking 1 v1 booking_created',
  ]);
  assert.deepEqual(brokenPromises([promise], [event], 2), ['1 bookings were promised, and 2 exist']);
});
