import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUrlCheck } from './webhook-targets.ts';

test('a name whose nameserver is silent passes in the end, and keeps no more than some look-ups busy', async () => {
  const asked: string[] = [];
  const resolve = (hostname: string) => {
    asked.push(hostname);
    return new Promise<never>(() => undefined);
  };
  const check = createUrlCheck({ allowedHosts: [], resolve });
  await Promise.all(Array.from({ length: 20 }, (_, n) => check(`https://name${n}.example/`)));
  assert.equal(asked.length, 16);
});

test('look-ups that have ended make room', async () => {
  const resolve = async () => [{ address: '10.0.0.1', family: 4 }];
  const check = createUrlCheck({ allowedHosts: [], resolve });
  const checks = Array.from({ length: 40 }, (_, n) => check(`https://name${n}.example/`));
  for (const result of await Promise.allSettled(checks)) assert.equal(result.status, 'rejected');
});
