import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BookingState } from './events.ts';
import {
  closeWindow,
  type MoveDecision,
  type MoveEvent,
  type MoveWindow,
  passedInSilence,
  takeMove,
} from './move-windows.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const PRESENT = { now: NOW, mergeMs: 5_000 };
const after = (ms: number) => ({ ...PRESENT, now: new Date(NOW.getTime() + ms) });

const at = (hour: number): BookingState => ({
  ...{ starts_at: `2026-12-01T${hour}:00:00.000Z`, specialist_id: 2 },
  ...{ service_id: 3, location_id: null, duration_min: 60 },
});

function move(version: number, from: number, to: number, user_id: number | null = null): MoveEvent {
  return {
    ...{ id: `e${version}`, type: 'booking_rescheduled', company_id: 1, booking_id: 7, ts: version },
    initiated_by: { user_id, role: 'system', channel: 'api' },
    change: { version, from: at(from), to: at(to) },
  };
}

/** What waits after these moves, the first of which went out at `NOW`. */
function holding(moves: readonly MoveEvent[], isToldSettled = true): MoveWindow {
  let window: MoveWindow | null = { closesAt: after(5_000).now, toldBy: 'e2', held: null };
  for (const one of moves) window = takeMove(one, window && { ...window, isToldSettled }, after(1_000)).window;
  return window ?? assert.fail();
}

const sentBy = ({ send }: MoveDecision) =>
  send.map(({ id, change, merged, after: since }) => ({
    id,
    hours: [change.from, change.to].map(({ starts_at }) => new Date(starts_at).getUTCHours()),
    ...(merged && { merged }),
    ...(since && { after: since.event_id }),
  }));

describe('a move', () => {
  test('goes out at once when it is the first, and opens a window', () => {
    const decision = takeMove(move(2, 10, 11), null, PRESENT);
    assert.deepEqual(decision, {
      send: [move(2, 10, 11)],
      window: { closesAt: after(5_000).now, toldBy: 'e2', held: null },
    });
  });

  test('goes out at once when the window is over, and nothing waits in it', () => {
    const open = { closesAt: NOW, toldBy: 'e2', held: null, isToldSettled: true };
    assert.deepEqual(sentBy(takeMove(move(3, 11, 12), open, PRESENT)), [{ id: 'e3', hours: [11, 12] }]);
  });

  test('waits until the window closes, however many come', () => {
    const window = holding([move(3, 11, 12), move(4, 12, 13), move(5, 13, 14)]);
    assert.deepEqual(window.closesAt, after(5_000).now);
    assert.deepEqual(sentBy(closeWindow(window, after(5_000))), [{ id: 'e3', hours: [11, 14], merged: [3, 4, 5] }]);
  });

  test('that waited alone is told as any other, and another window follows', () => {
    const decision = closeWindow(holding([move(3, 11, 12)]), after(5_000));
    assert.deepEqual(decision, {
      send: [move(3, 11, 12)],
      window: { closesAt: after(10_000).now, toldBy: 'e3', held: null },
    });
    assert.deepEqual(closeWindow(decision.window ?? assert.fail(), after(10_000)), { send: [], window: null });
  });

  test('takes along, at once, what nobody sent when its window closed', () => {
    const late = takeMove(move(4, 12, 13), { ...holding([move(3, 11, 12)]), isToldSettled: true }, after(5_000));
    assert.deepEqual(sentBy(late), [{ id: 'e3', hours: [11, 13], merged: [3, 4] }]);
    assert.deepEqual(late.window, { closesAt: after(10_000).now, toldBy: 'e3', held: null });
  });

  test('by somebody else sends what waits ahead of it, and waits itself', () => {
    const other = takeMove(move(4, 12, 13, 9), { ...holding([move(3, 11, 12)]), isToldSettled: true }, after(2_000));
    assert.deepEqual(sentBy(other), [{ id: 'e3', hours: [11, 12] }]);
    assert.deepEqual(other.window, {
      ...{ closesAt: after(7_000).now, toldBy: 'e3' },
      held: move(4, 12, 13, 9),
    });
  });

  test('goes out at once, behind what waits, as soon as the company wants no merging', () => {
    const open = { ...holding([move(3, 11, 12)]), isToldSettled: true };
    const none = { ...after(1_000), mergeMs: 0 };
    assert.deepEqual(sentBy(takeMove(move(4, 12, 13), open, none)), [{ id: 'e3', hours: [11, 13], merged: [3, 4] }]);
    const byOther = takeMove(move(4, 12, 13, 9), open, none);
    assert.deepEqual([sentBy(byOther).map(({ id }) => id), byOther.window], [['e3', 'e4'], null]);
    assert.equal(closeWindow(open, none).window, null);
  });

  test('that is the hundred-and-first of its kind goes into another event', () => {
    const moves = Array.from({ length: 100 }, (_, n) => move(n + 3, 11 + (n % 2), 12 - (n % 2)));
    const window = holding(moves);
    const { send, window: next } = takeMove(move(103, 11, 12), { ...window, isToldSettled: true }, after(1_000));
    assert.deepEqual([send.map(({ merged }) => merged?.length), next?.held?.id], [[100], 'e103']);
  });
});

describe('a move that hands the booking over', () => {
  const given: MoveEvent = {
    ...move(4, 12, 12),
    change: { version: 4, from: at(12), to: { ...at(12), specialist_id: 5 } },
  };

  test('goes out at once, behind what waits, and opens a window of its own', () => {
    const { send, window } = takeMove(given, { ...holding([move(3, 11, 12)]), isToldSettled: true }, after(2_000));
    assert.deepEqual(send, [move(3, 11, 12), given]);
    assert.deepEqual(window, { closesAt: after(7_000).now, toldBy: 'e4', held: null });
  });

  test('goes out at once, too, where nothing waits or nothing is merged', () => {
    const open = { closesAt: after(5_000).now, toldBy: 'e3', held: null, isToldSettled: true };
    assert.deepEqual(takeMove(given, open, after(1_000)).send, [given]);
    assert.deepEqual(takeMove(given, open, { ...PRESENT, mergeMs: 0 }), { send: [given], window: null });
  });
});

describe('moves that lead back', () => {
  const back = [move(3, 11, 12), move(4, 12, 11)];

  test('name the event by which people know where they began, and when that ended', () => {
    const { send, window } = closeWindow(holding(back), after(5_000));
    assert.deepEqual(
      send.map((event) => event.after),
      [{ event_id: 'e2', before: after(1_000).now.toISOString() }],
    );
    assert.deepEqual(sentBy({ send, window }), [{ id: 'e3', hours: [11, 11], merged: [3, 4], after: 'e2' }]);
    assert.equal(window?.toldBy, 'e2');
  });

  test('name none when a message of that event may have told of the place in between', () => {
    const decision = closeWindow(holding(back, false), after(5_000));
    assert.deepEqual(sentBy(decision), [{ id: 'e3', hours: [11, 11], merged: [3, 4] }]);
    assert.equal(decision.window?.toldBy, 'e3');
  });

  test('name none after a change in silence', () => {
    const [first, second] = [move(3, 11, 12), move(4, 12, 11)];
    for (const window of [passedInSilence(holding([])), passedInSilence(holding([first]))]) {
      const rest = window.held ? [second] : [first, second];
      let open = window;
      for (const one of rest)
        open = takeMove(one, { ...open, isToldSettled: true }, after(2_000)).window ?? assert.fail();
      assert.deepEqual(sentBy(closeWindow(open, after(5_000))), [{ id: 'e3', hours: [11, 11], merged: [3, 4] }]);
    }
  });

  test('and on again are told', () => {
    const decision = closeWindow(holding([...back, move(5, 11, 14)]), after(5_000));
    assert.deepEqual(sentBy(decision), [{ id: 'e3', hours: [11, 14], merged: [3, 4, 5] }]);
  });
});
