import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hear } from './live-feed.ts';
import { connectListener } from './live-listener.ts';

/** A socket that takes messages while `reads`, and the feed's way to it. */
function connect(catchUpMs?: number) {
  const sent: string[] = [];
  const closes: number[] = [];
  const state = { reads: true, left: 0 };
  let hear: Hear = () => undefined;
  const peer = connectListener(
    {
      send: (text) => state.reads && sent.push(text) > 0,
      close: (code) => void closes.push(code),
    },
    {
      listen(_, given) {
        hear = given;
        return () => {
          state.left += 1;
        };
      },
    },
    1,
    catchUpMs,
  );
  return { sent, closes, state, peer, hear: (id: number, message: string) => hear(id, message) };
}

describe('a listener', () => {
  test('that reads slowly gets the newest of what it missed, once', () => {
    const { sent, state, peer, hear } = connect();
    hear(1, 'a1');
    state.reads = false;
    hear(1, 'a2');
    hear(2, 'b1');
    hear(1, 'a3');
    assert.deepEqual(sent, ['a1']);
    state.reads = true;
    peer.drained();
    peer.drained();
    assert.deepEqual(sent, ['a1', 'a3', 'b1']);
    hear(2, 'b2');
    assert.deepEqual(sent.slice(3), ['b2']);
    peer.closed();
    assert.equal(state.left, 1);
  });

  test('that does not catch up is closed, and one that does is not', async () => {
    const slow = connect(40);
    const better = connect(40);
    for (const { state, hear } of [slow, better]) {
      state.reads = false;
      hear(1, 'a');
    }
    await sleep(10);
    better.state.reads = true;
    better.peer.drained();
    await sleep(60);
    assert.deepEqual([slow.closes, better.closes], [[1013], []]);
    slow.peer.closed();
  });

  test('that leaves is waited for no longer', async () => {
    const { closes, state, peer, hear } = connect(20);
    state.reads = false;
    hear(1, 'a');
    peer.closed();
    await sleep(40);
    assert.deepEqual(closes, []);
  });
});
