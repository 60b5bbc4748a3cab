import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WebPushSendResult } from './classify-push-answers.ts';
import { NOTIFICATION, OPTIONS } from './push-server.fixture.ts';
import { sendToDevices } from './send-to-devices.ts';
import type { PushTarget } from './web-push-channel.ts';

const failure = { code: 'c', message: 'm' };
const limited = (retryAfterMs: number): WebPushSendResult => ({ kind: 'rate_limited', retryAfterMs, failure });
const RESULTS = {
  accepted: { kind: 'accepted' },
  gone: { kind: 'gone', failure },
  mismatch: { kind: 'key_mismatch', failure },
  refused: { kind: 'refused', failure },
  large: { kind: 'too_large', failure },
  limited5: limited(5000),
  limited2: limited(2000),
  key: { kind: 'key_refused', failure },
  down: { kind: 'channel_down', failure },
  failed: { kind: 'failed', failure },
  unknown: { kind: 'unknown', failure },
} as const satisfies Record<string, WebPushSendResult>;

type Name = keyof typeof RESULTS;

async function sendTo(...names: Name[]) {
  const targets = names.map((endpoint): PushTarget & { endpoint: Name } => ({
    endpoint,
    p256dh: '',
    auth: '',
    vapid_key: '',
  }));
  const channel = { send: async ({ endpoint }: PushTarget) => RESULTS[endpoint as Name] };
  const { result, gone } = await sendToDevices(channel, targets, NOTIFICATION, OPTIONS, new AbortController().signal);
  return { ...result, gone: gone.map(({ endpoint }) => endpoint) };
}

describe('a message to all devices of a person', () => {
  const TABLE: [Name[], string][] = [
    [['accepted'], 'delivered'],
    [['gone', 'failed', 'accepted'], 'delivered'],
    [[], 'no_device'],
    [['gone', 'gone'], 'no_device'],
    [['mismatch', 'gone', 'refused'], 'no_device'],
    [['gone', 'failed'], 'failed'],
    [['gone', 'large'], 'failed'],
    [['failed', 'unknown'], 'unknown'],
    [['key', 'limited5', 'unknown', 'down'], 'unknown'],
    [['failed', 'key'], 'key_refused'],
    [['key', 'down'], 'channel_down'],
    [['failed', 'limited5', 'down'], 'rate_limited'],
  ];
  for (const [names, kind] of TABLE)
    test(`${names.join(', ') || 'nothing'} together mean ${kind}`, async () =>
      assert.equal((await sendTo(...names)).kind, kind));
});

test('only those that are gone are to be deleted, also when another device took the message', async () => {
  const names: Name[] = ['accepted', 'gone', 'mismatch', 'refused', 'key', 'failed', 'unknown', 'limited2'];
  assert.deepEqual((await sendTo(...names)).gone, ['gone']);
});

test('the shortest of the waits counts', async () => {
  const result = await sendTo('limited5', 'limited2', 'limited5');
  assert.ok(result.kind === 'rate_limited' && result.retryAfterMs === 2000);
});

test('all devices are sent to at once', async () => {
  let underWay = 0;
  let most = 0;
  const channel = {
    async send() {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return RESULTS.accepted;
    },
  };
  const targets = Array.from({ length: 20 }, () => ({ endpoint: 'accepted', p256dh: '', auth: '', vapid_key: '' }));
  await sendToDevices(channel, targets, NOTIFICATION, OPTIONS, new AbortController().signal);
  assert.equal(most, 20);
});
