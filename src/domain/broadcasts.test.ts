import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BROADCAST_ACTIONS,
  BROADCAST_STATUSES,
  broadcastEventSchema,
  chunkEventId,
  maySend,
  statusAfter,
} from './broadcasts.ts';

test('each act leads from the states that allow it, and no other', () => {
  const table = BROADCAST_ACTIONS.map((act) => [
    act,
    ...BROADCAST_STATUSES.map((status) => statusAfter(act, { status, hasStarted: status !== 'scheduled' })),
  ]);
  assert.deepEqual(
    [['', ...BROADCAST_STATUSES], ...table],
    [
      ['', 'scheduled', 'running', 'paused', 'completed', 'cancelled'],
      ['pause', 'paused', 'paused', 'paused', null, null],
      ['resume', null, 'running', 'running', null, null],
      ['cancel', 'cancelled', 'cancelled', 'cancelled', null, 'cancelled'],
      ['retry-failed', null, 'running', 'paused', 'running', null],
    ],
  );
});

test('one that was paused before it started waits for its time again', () => {
  assert.equal(statusAfter('resume', { status: 'paused', hasStarted: false }), 'scheduled');
});

test('messages go out while it runs, and replayed ones when it is over', () => {
  assert.deepEqual(BROADCAST_STATUSES.filter(maySend), ['running', 'completed']);
});

test('an event names the chunk that its id says', () => {
  const event = {
    id: chunkEventId(7, 12),
    type: 'broadcast',
    company_id: 1,
    broadcast_id: 7,
    chunk: 12,
    initiated_by: { user_id: null, role: 'system', channel: 'api' },
    ts: 1,
  };
  assert.equal(broadcastEventSchema.safeParse(event).success, true);
  for (const change of [{ chunk: 13 }, { broadcast_id: 8 }, { id: 'x' }, { chunk: 0 }, { company_id: '1' }])
    assert.equal(broadcastEventSchema.safeParse({ ...event, ...change }).success, false, JSON.stringify(change));
});
