import assert from 'node:assert/strict';
import { test } from 'node:test';
import { act, broadcast, broadcastNow, HELLO, heard, openCrowd, untilStatus } from './support/broadcasts.ts';
import { eventually, untilQuiet } from './support/eventually.ts';
import { startVestnik } from './support/vestnik.ts';

test('a broadcast reaches everybody of its audience once, and says how it went', async (t) => {
  // All at once they would wait for each other on a slow machine, until Telegram's answers came too late.
  const vestnik = await startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: '300' } });
  const crowd = await openCrowd(vestnik, 1203, (index) => ({
    ...(index === 7 && { ads_opt_out: true }),
    ...(index === 8 && { telegram_unreachable: 'blocked' }),
    ...(index === 9 && { tg_id: null }),
    ...(index === 10 && { role: 'admin' }),
  }));
  const { id, status } = await broadcast(vestnik, crowd, { audience: { roles: ['client'] } });
  assert.equal(status, 'scheduled');
  const { progress, audience_size, finished_at } = await untilStatus(vestnik, id, 'completed');
  assert.equal(audience_size, 1202);
  assert.notEqual(finished_at, null);
  assert.deepEqual(progress, {
    sent: 1199,
    sent_by: { telegram: 1199, web_push: 0 },
    failed: 0,
    failed_by: {},
    suppressed: 3,
    suppressed_by: { opted_out: 1, 'unreachable:blocked': 1, no_channel: 1 },
    remaining: 0,
    waiting_quiet: 0,
    rate_per_second: progress.rate_per_second,
    eta: null,
  });
  const counts = heard(vestnik, crowd);
  assert.deepEqual(
    counts.map((count, index) => (count === 1 ? null : index)).filter((index) => index !== null),
    [7, 8, 9, 10],
  );
  assert.equal(vestnik.telegram.messages(crowd.people[0]?.chat ?? 0)[0]?.text, 'Скидки весь январь!');
  await vestnik.settled();
});

test('nobody hears while it is paused, everybody once when it goes on, and nobody after it is cancelled', async (t) => {
  const vestnik = await startVestnik(t, {
    env: { BROADCAST_RATE_PER_SECOND: '200' },
    rate: 'unlimited',
  });
  const crowd = await openCrowd(vestnik, 700);
  const { id } = await broadcast(vestnik, crowd);
  const total = () => heard(vestnik, crowd).reduce((sum, count) => sum + count, 0);
  await eventually(() => assert.equal(total() > 100, true));

  assert.equal((await act(vestnik, id, 'pause')).body.status, 'paused');
  const atPause = total();
  const afterPause = await untilQuiet(total);
  // What was on its way is less than the rate.
  assert.ok(afterPause - atPause < 200, `${afterPause - atPause} after the pause`);
  await eventually(async () => assert.equal((await broadcastNow(vestnik, id)).progress.remaining, 700 - afterPause));

  assert.equal((await act(vestnik, id, 'resume')).body.status, 'running');
  await eventually(() => assert.equal(total() > afterPause + 100, true));
  assert.equal((await act(vestnik, id, 'cancel')).body.status, 'cancelled');
  const atCancel = total();
  assert.ok((await untilQuiet(total)) - atCancel < 200);
  assert.ok(heard(vestnik, crowd).every((count) => count <= 1));
  const refused = await act(vestnik, id, 'resume');
  assert.deepEqual([refused.status, refused.body.code], [409, 'broadcast_state']);
});

test('it goes on after a restart where it was, and nobody hears twice', async (t) => {
  const vestnik = await startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: '300' } });
  const crowd = await openCrowd(vestnik, 900);
  const { id } = await broadcast(vestnik, crowd);
  await eventually(() =>
    assert.equal(
      heard(vestnik, crowd).some((count) => count > 0),
      true,
    ),
  );
  await vestnik.restart();
  await vestnik.redis.flush();
  await untilStatus(vestnik, id, 'completed');
  assert.deepEqual(new Set(heard(vestnik, crowd)), new Set([1]));
});

test('those who failed are told again when it is asked for, and those whose fate is unknown are not', async (t) => {
  const vestnik = await startVestnik(t);
  const crowd = await openCrowd(vestnik, 20);
  const chatOf = (index: number) => crowd.people[index]?.chat ?? 0;
  const heal = vestnik.telegram.fault(chatOf(3), { kind: 'server_error' }, { times: 100 });
  vestnik.telegram.fault(chatOf(4), { kind: 'reset_after' });
  const { id } = await broadcast(vestnik, crowd);
  const first = await untilStatus(vestnik, id, 'completed');
  assert.deepEqual(first.progress.failed_by, { telegram_500: 1, outcome_unknown: 1 });
  assert.equal((await vestnik.call('GET', '/v1/dead-letters?stream=broadcast')).body.items.length, 1);
  heal();
  assert.equal((await act(vestnik, id, 'retry-failed')).body.status, 'running');
  const then = await untilStatus(vestnik, id, 'completed');
  assert.deepEqual([then.progress.sent, then.progress.failed_by], [19, { outcome_unknown: 1 }]);
  assert.deepEqual(
    heard(vestnik, crowd),
    crowd.people.map(() => 1),
  );
});

test('a preview counts without telling anybody, and a test goes to one person alone', async (t) => {
  const vestnik = await startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: '30' } });
  const crowd = await openCrowd(vestnik, 90, (index) => ({
    ...(index < 5 && { ads_opt_out: true }),
    ...(index === 6 && { telegram_unreachable: 'blocked' }),
    ...(index === 7 && { tg_id: null }),
  }));
  const [optedOut] = crowd.people;
  const body = { company_id: crowd.companyId, audience: {}, content: HELLO, send_test_to: optedOut?.id };
  const answer = await vestnik.call('POST', '/v1/broadcasts/preview', body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { reached_by, opted_out, unreachable, no_channel, audience_size, duration_s, sample, test } = answer.body;
  assert.deepEqual(
    { reached_by, opted_out, unreachable, no_channel, audience_size, duration_s },
    {
      reached_by: { telegram: 83, web_push: 0 },
      opted_out: 5,
      unreachable: 1,
      no_channel: 1,
      audience_size: 90,
      duration_s: 3,
    },
  );
  assert.equal(sample.html, HELLO.tg_html);
  await untilStatus(vestnik, test.broadcast_id, 'completed');
  assert.deepEqual(heard(vestnik, crowd).indexOf(1), 0);
  assert.equal(heard(vestnik, crowd).filter((count) => count > 0).length, 1);
});

test('a broadcast to nobody is complete at once', async (t) => {
  const vestnik = await startVestnik(t);
  const empty = await openCrowd(vestnik, 0);
  const { id } = await broadcast(vestnik, empty);
  const { audience_size, progress } = await untilStatus(vestnik, id, 'completed');
  assert.deepEqual([audience_size, progress.remaining, progress.sent], [0, 0, 0]);
  const crowd = await openCrowd(vestnik, 3);
  const admins = await broadcast(vestnik, crowd, { audience: { roles: ['admin'] } });
  assert.equal((await untilStatus(vestnik, admins.id, 'completed')).audience_size, 0);
});

test('a paid broadcast says so to Telegram in each message, and another one does not', async (t) => {
  const vestnik = await startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: '20' } });
  const crowd = await openCrowd(vestnik, 60);
  const began = performance.now();
  const paid = await broadcast(vestnik, crowd, { allow_paid: true });
  await untilStatus(vestnik, paid.id, 'completed');
  t.diagnostic(`60 paid messages at a free rate of 20 a second in ${Math.round(performance.now() - began)} ms`);
  const free = await broadcast(vestnik, crowd, { audience: { user_ids: [crowd.people[0]?.id] } });
  await untilStatus(vestnik, free.id, 'completed');
  const sends = vestnik.telegram.requests().filter(({ method }) => method === 'sendmessage');
  assert.deepEqual(
    sends.map(({ parameters }) => parameters.allow_paid_broadcast),
    [...Array.from({ length: 60 }, () => true), undefined],
  );
});
