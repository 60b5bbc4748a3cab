import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Update } from 'grammy/types';
import { eventually } from '#test/support/eventually.ts';
import type { TelegramApi } from '../channels/telegram-api.ts';
import { createLog } from '../observability/log.ts';
import { createUpdatePoller } from './update-poller.ts';

test('updates that are counted from a lower number after a long silence are not passed over', async (t) => {
  // As Telegram: what is below the offset is confirmed and gone.
  let waiting = [{ update_id: 900 }] as Update[];
  const offsets: number[] = [];
  const getUpdates = async ({ offset }: { offset: number }) => {
    offsets.push(offset);
    await sleep(5);
    waiting = waiting.filter(({ update_id }) => update_id >= offset);
    return waiting;
  };
  const telegram = {
    call: (_signal: AbortSignal, run: (api: unknown, signal: AbortSignal) => unknown) => run({ getUpdates }, _signal),
  } as unknown as TelegramApi;
  const stored = new Set<number>();
  const store = async (updates: Update[]) => {
    for (const { update_id } of updates) stored.add(update_id);
  };
  const poller = createUpdatePoller({ telegram, store, log: createLog('silent'), offsetTtlMs: 50 });
  const ending = new AbortController();
  const running = poller.run(ending.signal);
  t.after(async () => {
    ending.abort();
    await running;
  });
  await eventually(() => assert.equal(offsets.includes(901), true));
  assert.equal(waiting.length, 0);
  await eventually(() => assert.equal(offsets.at(-1), 0));
  waiting.push({ update_id: 7 } as Update);
  await eventually(() => assert.deepEqual([...stored], [900, 7]));
  await eventually(() => assert.equal(offsets.includes(8), true));
});
