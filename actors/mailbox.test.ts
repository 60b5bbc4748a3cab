import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMailboxes } from './mailbox.ts';

test('runs the tasks of one recipient in order, one at a time', async () => {
  const mailboxes = createMailboxes();
  const seen: string[] = [];
  const task = (name: string, ms: number) => async () => {
    seen.push(`${name} begins`);
    await sleep(ms);
    seen.push(`${name} ends`);
  };
  await Promise.all([mailboxes.post('a', task('1', 10)), mailboxes.post('a', task('2', 1))]);
  assert.deepEqual(seen, ['1 begins', '1 ends', '2 begins', '2 ends']);
});

test('lets nobody wait for another recipient', async () => {
  const mailboxes = createMailboxes();
  let release: () => void = () => undefined;
  const slow = mailboxes.post('slow', () => new Promise<void>((resolve) => (release = resolve)));
  assert.equal(await mailboxes.post('quick', async () => 'done'), 'done');
  release();
  await slow;
});

test('a failed task is its poster’s to handle; the next one runs', async () => {
  const mailboxes = createMailboxes();
  const failed = mailboxes.post('a', async () => {
    throw new Error('no');
  });
  const next = mailboxes.post('a', async () => 'yes');
  await assert.rejects(failed, /no/);
  assert.equal(await next, 'yes');
});

test('forgets a recipient whose mailbox is empty', async () => {
  const mailboxes = createMailboxes();
  const posted = Promise.all(Array.from({ length: 100 }, (_, n) => mailboxes.post(`r${n}`, async () => n)));
  assert.equal(mailboxes.size, 100);
  await posted;
  await sleep(0);
  assert.equal(mailboxes.size, 0);
});
