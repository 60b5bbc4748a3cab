import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_QUIET_HOURS } from '../domain/quiet-hours.ts';
import type { Findings } from './findings.ts';
import { judge } from './verdict.ts';

const READER: Findings['reader'] = {
  ...{ company_id: 1, has_telegram: true, telegram_unreachable: null, web_push_unreachable: null, devices: 0 },
  ...{ role: 'client', ads_opt_out: false, is_erased: false },
  ...{ quiet_hours: DEFAULT_QUIET_HOURS, time_zone: 'Europe/Moscow' },
};

const IN_BROADCAST: Findings = {
  ...{ event_id: 'broadcast:7:1', user_id: 5, company_id: 1, source: 'broadcast', reader: READER },
  now: new Date('2026-11-24T09:00:00Z'),
  event: {
    type: 'broadcast',
    ts: null,
    initiated_by: null,
    booking: null,
    merged_versions: null,
    day: null,
    broadcast: { broadcast_id: 7, chunk: 1 },
  },
  ...{ held_until: null, logged: null, traced: [], letter: null, selection: null },
  chunk: { broadcast_status: 'cancelled', is_test: false, chunk_state: 'waiting', members: [5] },
  broadcast: { status: 'cancelled', mayCome: false },
};

test('who was told before a broadcast was cancelled is not said to have been left out', () => {
  assert.equal(judge(IN_BROADCAST).verdict, 'suppressed');
  const chunk = IN_BROADCAST.chunk && { ...IN_BROADCAST.chunk, chunk_state: 'finished' };
  const { verdict, explanation } = judge({ ...IN_BROADCAST, chunk });
  assert.equal(verdict, 'unknown_event');
  assert.match(explanation, /the log of that time is no longer kept/);
});
