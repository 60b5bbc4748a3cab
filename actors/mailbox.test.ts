import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMailboxes, type Parkable, type Task } from './mailbox.ts';

const nowhere: Parkable = { park: () => undefined, unpark: () => undefined };

const taskOf = (work: (mailbox: Parkable) => Promise<void>, place = nowhere): Task => ({
  place,
  run: (mailbox) => void work(mailbox).then(() => mailbox.next()),
});

test('runs the tasks of one recipient in order, one at a time', async () => {
  const mailboxes = createMailboxes();
  const seen: string[] = [];
  const task = (name: string, ms: number): Task =>
    taskOf(async () => {
      seen.push(`${name} begins`);
      await sleep(ms);
      seen.push(`${name} ends`);
    });
  mailboxes.post('a', task('1', 10));
  mailboxes.post('a', task('2', 1));
  while (mailboxes.isBusy('a')) await sleep(1);
  assert.deepEqual(seen, ['1 begins', '1 ends', '2 begins', '2 ends']);
});

test('lets nobody wait for another recipient', async () => {
  const mailboxes = createMailboxes();
  let release: () => void = () => undefined;
  mailboxes.post(
    'slow',
    taskOf(() => new Promise<void>((resolve) => (release = resolve))),
  );
  await new Promise<void>((resolve) =>
    mailboxes.post(
      'quick',
      taskOf(async () => resolve()),
    ),
  );
  assert.equal(mailboxes.isBusy('slow'), true);
  release();
});

test('forgets a recipient whose mailbox is empty', async () => {
  const mailboxes = createMailboxes();
  for (let n = 0; n < 100; n += 1)
    mailboxes.post(
      `r${n}`,
      taskOf(async () => undefined),
    );
  assert.equal(mailboxes.size, 100);
  await sleep(0);
  assert.equal(mailboxes.size, 0);
});

test('whoever waits behind a parked recipient is parked too, also who comes later, until the wait is over', async () => {
  const mailboxes = createMailboxes();
  const parked = new Set<number>();
  let release: () => void = () => undefined;
  const post = (n: number, run: (mailbox: Parkable) => Promise<void>) =>
    mailboxes.post('a', taskOf(run, { park: () => void parked.add(n), unpark: () => void parked.delete(n) }));
  post(1, async (mailbox) => {
    mailbox.park();
    await new Promise<void>((resolve) => (release = resolve));
    mailbox.unpark();
  });
  post(2, async () => undefined);
  await sleep(0);
  post(3, async () => undefined);
  assert.deepEqual([...parked], [1, 2, 3]);
  release();
  await sleep(0);
  assert.deepEqual([...parked], []);
});
