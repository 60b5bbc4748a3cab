import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bookingEventSchema } from '../domain/events.ts';
import { traceIdOf } from '../domain/trace.ts';
import { childOf, newTrace, parseTraceparent, traceparentOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  test('is read as the recommendation writes it', () => {
    assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-01`), { traceId: TRACE, spanId: SPAN, isSampled: true });
    assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-00`), { traceId: TRACE, spanId: SPAN, isSampled: false });
  });

  test('may hold flags that are not known, and in later versions more behind them', () => {
    assert.equal(parseTraceparent(`00-${TRACE}-${SPAN}-fe`)?.isSampled, false);
    assert.equal(parseTraceparent(`00-${TRACE}-${SPAN}-ff`)?.isSampled, true);
    assert.equal(parseTraceparent(`01-${TRACE}-${SPAN}-01`)?.traceId, TRACE);
    assert.equal(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-will-be`)?.traceId, TRACE);
  });

  for (const [what, header] of [
    ['none', undefined],
    ['an empty one', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more behind version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['a dash behind version 00', `00-${TRACE}-${SPAN}-01-`],
    ['a later version with more that no dash parts', `01-${TRACE}-${SPAN}-01.more`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long parent id', `00-${TRACE}-${SPAN}0-01`],
    ['flags of one digit', `00-${TRACE}-${SPAN}-1`],
    ['a version of one digit', `0-${TRACE}-${SPAN}-01`],
    ['letters that are no hex', `00-${TRACE.slice(1)}g-${SPAN}-01`],
    ['white space inside', `00-${TRACE}- ${SPAN.slice(1)}-01`],
    ['a line break at the end', `00-${TRACE}-${SPAN}-01\n`],
    ['two in one', `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
  ] as const)
    test(`is not read from ${what}`, () => {
      assert.equal(parseTraceparent(header), null);
    });

  test('comes back as it was written', () => {
    for (const flags of ['00', '01']) {
      const header = `00-${TRACE}-${SPAN}-${flags}`;
      const context = parseTraceparent(header);
      assert.equal(context && traceparentOf(context), header);
    }
  });
});

test('a child keeps the trace and has an id of its own; a new trace has ids that nobody has', () => {
  const parent = newTrace(true);
  const child = childOf(parent);
  assert.equal(child.traceId, parent.traceId);
  assert.notEqual(child.spanId, parent.spanId);
  assert.equal(child.isSampled, true);
  const traces = Array.from({ length: 2_000 }, () => newTrace(false));
  assert.equal(new Set(traces.map(({ traceId }) => traceId)).size, 2_000);
  assert.equal(new Set(traces.map(({ spanId }) => spanId)).size, 2_000);
  for (const trace of traces) assert.deepEqual(parseTraceparent(traceparentOf(trace)), trace);
});

test('an event keeps its trace; one without, or with nonsense for it, is an event all the same', () => {
  const event = {
    id: 'e-1',
    type: 'booking_created',
    company_id: 1,
    booking_id: 2,
    initiated_by: { user_id: null, role: 'system', channel: 'api' },
    ts: 1,
  };
  const trace = `00-${TRACE}-${SPAN}-01`;
  assert.equal(traceIdOf(bookingEventSchema.parse({ ...event, trace }).trace), TRACE);
  assert.deepEqual(bookingEventSchema.parse(event), event);
  for (const nonsense of [7, null, '', 'x', `01-${TRACE}-${SPAN}-01`, { a: 1 }])
    assert.equal(bookingEventSchema.parse({ ...event, trace: nonsense }).trace, undefined);
});
