import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CommittedEvent, checkHistory, type History, type LoggedEnd } from './history.ts';
import { type Interruption, type Send, takeovers } from './interruptions.ts';

const CHAT = 1000;
const SLOT = '2027-01-01T00:01:00.000Z';
const OTHER_SLOT = '2027-01-01T00:02:00.000Z';

const created = (seq: number, change: Partial<CommittedEvent> = {}): CommittedEvent => ({
  seq,
  id: `event-${seq}`,
  company: 1,
  booking: seq,
  type: 'booking_created',
  version: 1,
  from: null,
  to: SLOT,
  ...change,
});

const send = (event: string | null, at: number, change: Partial<Send> = {}): Send => ({
  chat: CHAT,
  event,
  at,
  accepted: true,
  failed: false,
  messageId: at,
  ...change,
});

/** By default the message that arrived at that moment, recorded 10 ms later. */
const logged = (event: string, messageId: number | null, change: Partial<LoggedEnd> = {}): LoggedEnd => ({
  event,
  chat: CHAT,
  status: 'delivered',
  reason: null,
  attempts: 1,
  messageId,
  loggedAt: (messageId ?? 0) + 10,
  ...change,
});

const struck = (at: number, change: Partial<Interruption> = {}): Interruption => ({
  kind: 'kill',
  process: 1,
  at,
  until: at,
  partitions: [0],
  ...change,
});

const check = (history: Partial<History>) =>
  checkHistory({
    committed: [],
    chats: new Map([[1, [CHAT]]]),
    partitionOf: () => 0,
    sends: [],
    log: [],
    interruptions: [],
    ...history,
  });

describe('the checker of histories', () => {
  test('finds nothing in a quiet history', () => {
    const verdict = check({
      committed: [created(1), created(2)],
      sends: [send('event-1', 1000), send('event-2', 2000)],
      log: [logged('event-1', 1000), logged('event-2', 2000)],
    });
    assert.deepEqual(verdict, {
      events: 2,
      accepted: 2,
      delivered: 2,
      suppressed: 0,
      dead: 0,
      lost: [],
      duplicates: [],
      reordered: [],
      strangers: [],
      misreported: [],
      inFlight: 0,
    });
  });

  test('calls lost what neither arrived nor ended in the log, for each recipient', () => {
    const refused = send('event-1', 1000, { accepted: false, messageId: null });
    const chats = new Map([[1, [CHAT, 1001]]]);
    const verdict = check({ committed: [created(1)], chats, sends: [refused], log: [] });
    assert.deepEqual(
      verdict.lost.map(({ chat, event }) => [chat, event.id]),
      [
        [CHAT, 'event-1'],
        [1001, 'event-1'],
      ],
    );
  });

  test('counts the dead, and what a cancellation or a move back superseded', () => {
    const verdict = check({
      committed: [
        created(1),
        created(2, { type: 'booking_rescheduled', from: SLOT, to: OTHER_SLOT }),
        created(3, { type: 'booking_rescheduled', booking: 2, from: OTHER_SLOT, to: SLOT }),
        created(4, { type: 'booking_cancelled', booking: 1 }),
      ],
      sends: [send('event-3', 3000), send('event-4', 4000)],
      log: [
        logged('event-1', null, { status: 'suppressed', reason: 'superseded' }),
        logged('event-2', null, { status: 'suppressed', reason: 'superseded' }),
        logged('event-3', 3000),
        logged('event-4', 4000),
      ],
    });
    assert.deepEqual([verdict.delivered, verdict.suppressed, verdict.lost, verdict.misreported], [2, 2, [], []]);
  });

  test('lets a message die of three failed attempts, some of which a kill may have swallowed', () => {
    const row = logged('event-1', null, { status: 'dead', loggedAt: 900 });
    const refused = (at: number) => send('event-1', at, { accepted: false, failed: true, messageId: null });
    const buried = (sends: Send[], interruptions: Interruption[] = []) => {
      const { dead, lost, misreported } = check({ committed: [created(1)], sends, log: [row], interruptions });
      return [dead, lost.length, misreported.map(({ what }) => what)];
    };
    assert.deepEqual(buried([refused(100), refused(200), refused(300)]), [1, 0, []]);
    assert.deepEqual(buried([refused(100), refused(300)], [struck(200)]), [1, 0, []]);
    assert.deepEqual(buried([refused(100), refused(300)]), [1, 0, ['dead before its time']]);
    assert.deepEqual(buried([], [struck(100), struck(200), struck(300)]), [1, 0, ['dead before its time']]);
  });

  test('doubts a suppression for which nothing that was committed gives a reason', () => {
    const committed = [created(1, { type: 'booking_cancelled', booking: 2 }), created(2)];
    const sends = [send('event-1', 1000)];
    const superseded = logged('event-2', null, { status: 'suppressed', reason: 'superseded' });
    const verdict = check({ committed, sends, log: [logged('event-1', 1000), superseded] });
    assert.deepEqual(
      verdict.misreported.map(({ what }) => what),
      ['suppressed as superseded'],
    );
  });

  test('compares first deliveries with the order of commit, and lets repetitions and gaps pass', () => {
    const committed = [created(1), created(2), created(3), created(4)];
    const inOrder = [send('event-1', 1), send('event-3', 3), send('event-1', 4), send('event-4', 5)];
    assert.deepEqual(check({ committed, sends: inOrder }).reordered, []);
    const verdict = check({ committed, sends: [send('event-1', 1), send('event-3', 2), send('event-2', 3)] });
    assert.deepEqual(
      verdict.reordered.map(({ event, behind }) => [event.seq, behind.seq]),
      [[2, 3]],
    );
  });

  test('excuses a duplicate whose first result was at risk at a kill of its partition, and no other', () => {
    const history = { committed: [created(1)], sends: [send('event-1', 1000), send('event-1', 9000)] };
    const explained = (log: LoggedEnd[], interruption: Interruption) =>
      check({ ...history, log, interruptions: [interruption] }).duplicates.map(({ explanation }) => explanation?.kind);

    const repeated = [logged('event-1', 9000)];
    assert.deepEqual(explained(repeated, struck(1005)), ['kill']);
    assert.deepEqual(explained(repeated, struck(1005, { partitions: [1] })), [undefined]);
    assert.deepEqual(explained(repeated, struck(1005, { partitions: null })), ['kill']);
    assert.deepEqual(explained(repeated, struck(500)), [undefined]);
    assert.deepEqual(explained(repeated, struck(9001)), [undefined]);
    // The first one was recorded before the kill.
    assert.deepEqual(explained([logged('event-1', 1000)], struck(1500)), [undefined]);
  });

  test('excuses what a stopped process sends when it goes on', () => {
    const pause = struck(900, { kind: 'pause', until: 8900 });
    const sends = [send('event-1', 1500), send('event-1', 9000)];
    const log = [logged('event-1', 1500)];
    const [duplicate] = check({ committed: [created(1)], sends, log, interruptions: [pause] }).duplicates;
    assert.equal(duplicate?.explanation, pause);
    const late = [send('event-1', 1500), send('event-1', 12_000)];
    const [unexcused] = check({ committed: [created(1)], sends: late, log, interruptions: [pause] }).duplicates;
    assert.equal(unexcused?.explanation, null);
  });

  test('counts the sends in flight at each kill', () => {
    const verdict = check({
      committed: [created(1), created(2)],
      sends: [send('event-1', 1000), send('event-2', 2000)],
      log: [logged('event-1', 1000), logged('event-2', 2000)],
      interruptions: [struck(1005), struck(2005), struck(2500)],
    });
    assert.equal(verdict.inFlight, 2);
  });

  test('notices messages that nobody committed, and a log that tells of messages that never came', () => {
    const verdict = check({
      committed: [created(1), created(2)],
      sends: [send(null, 1), send('event-2', 2), send('event-2', 3, { chat: 7 })],
      log: [logged('event-1', 77)],
    });
    assert.deepEqual(
      verdict.strangers.map(({ at }) => at),
      [1, 3],
    );
    assert.deepEqual(
      verdict.misreported.map(({ what }) => what),
      ['logged as delivered by message 77, which never arrived', 'delivered, and the log knows nothing of it'],
    );
    assert.equal(verdict.lost.length, 1);
  });
});

test('a takeover lasts from the kill to the next message of each partition that the process owned', () => {
  const sends = [send('a', 1100), send('b', 6500, { chat: 1 }), send('c', 7000, { chat: 2 })];
  const interruptions = [
    struck(1000, { partitions: [1, 2, 3] }),
    struck(6800, { kind: 'redis_kill', partitions: null }),
  ];
  assert.deepEqual(
    takeovers(interruptions, sends, (chat) => chat),
    [
      { ms: 5500, undisturbed: true },
      { ms: 6000, undisturbed: false },
    ],
  );
});
