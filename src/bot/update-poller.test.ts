import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Update } from 'grammy/types';
import { eventually } from '#test/support/eventually.ts';
import type { TelegramApi } from '../channels/telegram-api.ts';
import { createLog } from '../observability/log.ts';
import { createUpdatePoller } from './update-poller.ts';

/** Turns of the event loop in which whoever does not wait would have asked again. */
const PLENTY = 200;

const QUESTION_TAKES_MS = 5;

interface Telegram {
  /** What is not confirmed. */
  waiting: Update[];
  /** Of each question that has begun. */
  offsets: number[];
}

/** A poller on a Telegram where what is below the offset is confirmed and gone. */
function poll(
  t: TestContext,
  store: (updates: Update[]) => Promise<void>,
  options: { offsetTtlMs?: number } = {},
): Telegram {
  const telegram: Telegram = { waiting: [{ update_id: 900 }] as Update[], offsets: [] };
  const getUpdates = async ({ offset }: { offset: number }) => {
    telegram.offsets.push(offset);
    await sleep(QUESTION_TAKES_MS);
    telegram.waiting = telegram.waiting.filter(({ update_id }) => update_id >= offset);
    return telegram.waiting;
  };
  const api = {
    call: (_signal: AbortSignal, run: (api: unknown, signal: AbortSignal) => unknown) => run({ getUpdates }, _signal),
  } as unknown as TelegramApi;
  const poller = createUpdatePoller({ telegram: api, store, log: createLog('silent'), ...options });
  const ending = new AbortController();
  const running = poller.run(ending.signal);
  t.after(async () => {
    ending.abort();
    await running;
  });
  return telegram;
}

test('updates that are counted from a lower number after a long silence are not passed over', async (t) => {
  const stored = new Set<number>();
  const store = async (updates: Update[]) => {
    for (const { update_id } of updates) stored.add(update_id);
  };
  const telegram = poll(t, store, { offsetTtlMs: 50 });
  await eventually(() => assert.equal(telegram.offsets.includes(901), true));
  await eventually(() => assert.equal(telegram.waiting.length, 0));
  await eventually(() => assert.equal(telegram.offsets.at(-1), 0));
  telegram.waiting.push({ update_id: 7 } as Update);
  await eventually(() => assert.deepEqual([...stored], [900, 7]));
  await eventually(() => assert.equal(telegram.offsets.includes(8), true));
});

describe('an update is confirmed only after it is stored', () => {
  test('while it is being stored nothing more is asked', async (t) => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    t.after(release);
    let begun = 0;
    const telegram = poll(t, async () => {
      begun += 1;
      await released;
    });
    await eventually(() => assert.equal(begun, 1));
    for (let n = 0; n < PLENTY; n += 1) await turn();
    assert.deepEqual(telegram.offsets, [0]);
    release();
    await eventually(() => assert.equal(telegram.offsets[1], 901));
  });

  test('when it could not be stored it is asked for again, until it could', async (t) => {
    const failures = 3;
    const given: number[][] = [];
    const telegram = poll(t, async (updates) => {
      given.push(updates.map(({ update_id }) => update_id));
      if (given.length <= failures) throw new Error('the database is away');
    });
    await eventually(() => assert.equal(telegram.offsets.includes(901), true));
    assert.deepEqual(telegram.offsets.slice(0, failures + 2), [0, 0, 0, 0, 901]);
    assert.deepEqual(given, [[900], [900], [900], [900]]);
  });
});
