import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { eventually } from '#test/support/eventually.ts';
import { createLiveFeed, type LiveBroadcast, type ReadLiveBroadcasts } from './live-feed.ts';

const INTERVAL_MS = 10;

function start(t: TestContext, read: ReadLiveBroadcasts) {
  const lines: string[] = [];
  const log = pino({}, { write: (line) => void lines.push(JSON.parse(line).msg) });
  const feed = createLiveFeed({ read, log, intervalMs: INTERVAL_MS });
  t.after(() => feed.stop());
  const listen = (companyId: number) => {
    const heard: LiveBroadcast[] = [];
    const leave = feed.listen(companyId, (_, message) => heard.push(JSON.parse(message).broadcast));
    return { heard, leave };
  };
  return { feed, listen, lines };
}

const view = (id: number, status: LiveBroadcast['status'] = 'running'): LiveBroadcast => ({
  ...{ id, company_id: 1, status },
});

describe('the live feed', () => {
  test('waits a failing database out, says so once, and misses no end', async (t) => {
    let isAway = false;
    let ended = false;
    const { listen, lines } = start(t, async (_, followedIds) => {
      if (isAway) throw new Error('away');
      // The end is too old to be found by the company.
      return ended ? followedIds.map((id) => view(id, 'completed')) : [view(7)];
    });
    const { heard } = listen(1);
    await eventually(() => assert.equal(heard.length, 1));
    isAway = true;
    ended = true;
    await eventually(() => assert.equal(lines.length, 1));
    await sleep(INTERVAL_MS * 5);
    isAway = false;
    await eventually(() => assert.deepEqual(heard, [view(7), view(7, 'completed')]));
    assert.deepEqual(lines, [
      'live broadcasts cannot be read; their listeners wait',
      'live broadcasts can be read again',
    ]);
  });

  test('tells a newcomer all that is live, and the others nothing twice', async (t) => {
    const { listen } = start(t, async () => [view(1), view(2, 'cancelled')]);
    const early = listen(1);
    await eventually(() => assert.equal(early.heard.length, 1));
    const late = listen(1);
    await eventually(() => assert.deepEqual(late.heard, [view(1)]));
    assert.deepEqual(early.heard, [view(1)]);
  });

  test('tells what begins and ends between two looks', async (t) => {
    const broadcasts: LiveBroadcast[] = [];
    const { listen } = start(t, async () => broadcasts);
    const { heard } = listen(1);
    await sleep(INTERVAL_MS * 3);
    broadcasts.push(view(1, 'completed'));
    await eventually(() => assert.deepEqual(heard, [view(1, 'completed')]));
  });

  test('never looks twice at a time or sooner than its interval, whoever comes and goes', async (t) => {
    let looks = 0;
    let underWay = 0;
    const { feed, listen } = start(t, async () => {
      underWay += 1;
      assert.equal(underWay, 1);
      looks += 1;
      await sleep(3);
      underWay -= 1;
      return [];
    });
    const begin = performance.now();
    for (let n = 0; n < 60; n += 1) {
      const { leave } = listen(1 + (n % 3));
      await sleep(1);
      leave();
      leave();
    }
    assert.equal(feed.listeners(), 0);
    // Timers may come a millisecond early.
    const most = 1 + (performance.now() - begin) / (INTERVAL_MS - 1);
    assert.equal(looks > 1 && looks <= most, true, `${looks} looks, ${most} at most`);
  });

  test('is quiet for good after its stop', async (t) => {
    let looks = 0;
    const { feed, listen } = start(t, async () => {
      looks += 1;
      return [];
    });
    listen(1);
    await eventually(() => assert.equal(looks > 1, true));
    await Promise.all([feed.stop(), feed.stop()]);
    const before = looks;
    listen(1);
    await sleep(INTERVAL_MS * 3);
    assert.equal(looks, before);
  });
});
