import { once } from 'node:events';
import { test } from 'node:test';
import type { Partition } from '#actors/partition.ts';
import { endingEarly } from './early-end.ts';

/** Stops when it is told that its time is over. */
const SLOW: Partition = {
  start: () => undefined,
  async stop(deadline) {
    if (!deadline.aborted) await once(deadline, 'abort');
  },
  isOwned: () => true,
};

test('ends what is under way long before the deadline', async () => {
  await endingEarly(SLOW, 10).stop(new AbortController().signal);
});

test('heeds a deadline that comes sooner', async () => {
  const deadline = new AbortController();
  const stopped = endingEarly(SLOW, 3_600_000).stop(deadline.signal);
  deadline.abort();
  await stopped;
  await endingEarly(SLOW, 3_600_000).stop(deadline.signal);
});
