import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '#sandbox/telegram/faults.ts';
import { User } from '#src/db/entities.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const sends = (vestnik: Vestnik, chat: number) =>
  vestnik.telegram
    .requests()
    .filter(({ method, parameters }) => method === 'sendmessage' && Number(parameters.chat_id) === chat);

async function dead(vestnik: Vestnik): Promise<Record<string, string>[]> {
  const entries = await vestnik.redis.redis.xrange('events:p2p:dead', '-', '+');
  return entries.map(([, flat]) =>
    Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []))),
  );
}

const CASES: { fault: Fault; times: number; sends: number; arrives: number; dead: boolean; what: string }[] = [
  { what: 'one 500 is retried', fault: { kind: 'server_error' }, times: 1, sends: 2, arrives: 1, dead: false },
  {
    what: 'three 500s end in the dead stream',
    fault: { kind: 'server_error' },
    times: 9,
    sends: 3,
    arrives: 0,
    dead: true,
  },
  { what: 'a 502 with HTML is retried', fault: { kind: 'bad_gateway' }, times: 1, sends: 2, arrives: 1, dead: false },
  {
    what: 'a reset before acceptance is retried',
    fault: { kind: 'reset_before' },
    times: 1,
    sends: 2,
    arrives: 1,
    dead: false,
  },
  {
    what: 'a reset after acceptance is retried, because a booking twice is better than none',
    fault: { kind: 'reset_after' },
    times: 1,
    sends: 2,
    arrives: 2,
    dead: false,
  },
  {
    what: 'a 429 is waited out and uses no attempt',
    fault: { kind: 'too_many_requests', retryAfter: 1 },
    times: 3,
    sends: 4,
    arrives: 1,
    dead: false,
  },
  { what: 'a blocked bot is not tried again', fault: { kind: 'blocked' }, times: 9, sends: 1, arrives: 0, dead: false },
  {
    what: 'a deleted account is not tried again',
    fault: { kind: 'deactivated' },
    times: 9,
    sends: 1,
    arrives: 0,
    dead: false,
  },
  {
    what: 'half an answer is retried, as no answer is',
    fault: { kind: 'malformed_json' },
    times: 1,
    sends: 2,
    arrives: 2,
    dead: false,
  },
  {
    what: 'a slow answer is waited for',
    fault: { kind: 'slow', ms: 300 },
    times: 1,
    sends: 1,
    arrives: 1,
    dead: false,
  },
  {
    what: 'HTML that Telegram refuses is sent as plain text',
    fault: { kind: 'cant_parse_entities' },
    times: 1,
    sends: 2,
    arrives: 1,
    dead: false,
  },
  {
    what: 'an unknown chat is not tried again',
    fault: { kind: 'chat_not_found' },
    times: 9,
    sends: 1,
    arrives: 0,
    dead: false,
  },
];

for (const { what, fault, times, sends: expected, arrives, dead: isDead } of CASES)
  test(`${what}, and nobody else waits for it`, async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { id, chat } = salon.people.client;
    vestnik.telegram.fault(chat, fault, { times, methods: ['sendMessage'] });
    await salon.book('admin');
    await eventually(() => assert.equal(shown(vestnik, salon, 'specialist').length, 1));
    await vestnik.settled();
    assert.equal(sends(vestnik, chat).length, expected);
    assert.equal(shown(vestnik, salon, 'client').length, arrives);
    const letters = await dead(vestnik);
    assert.equal(letters.length, isDead ? 1 : 0);
    if (isDead) {
      assert.equal(letters[0]?.recipient, `user:${id}`);
      assert.equal(letters[0]?.attempts, '3');
      assert.match(letters[0]?.last_error ?? '', /^telegram_500/);
    }
  });

test('a call that hangs is given up after eight seconds and retried, and nobody else waits for it', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { chat } = salon.people.client;
  vestnik.telegram.fault(chat, { kind: 'hang' }, { times: 1, methods: ['sendMessage'] });
  await salon.book('admin');
  await eventually(() => assert.equal(shown(vestnik, salon, 'specialist').length, 1), 4000);
  assert.equal(sends(vestnik, chat).length, 1);
  await vestnik.settled();
  const [first, second] = sends(vestnik, chat).map(({ at }) => at);
  assert.ok(first !== undefined && second !== undefined && second - first >= 7900 && second - first < 15_000);
  assert.equal(shown(vestnik, salon, 'client').length, 1);
});

test('a group that has become a supergroup hears in the same attempt, and from then on', async (t) => {
  const [group, supergroup] = [-5150, -1_000_000_005_150];
  const vestnik = await startVestnik(t, { env: { ROLES: 'api,worker' } });
  for (const id of [group, supergroup]) vestnik.telegram.registerGroup({ id, title: 'Весна' });
  const salon = await openSalon(vestnik);
  const { id } = salon.people.admin;
  await vestnik.database.write((tx) => tx.nativeUpdate(User, { id }, { tg_id: group }));
  vestnik.telegram.fault(group, { kind: 'migrated', to: supergroup });
  for (const starts_at of ['2027-02-01T10:00:00Z', '2027-02-02T10:00:00Z']) {
    await salon.book('client', { starts_at });
    await vestnik.settled();
  }
  assert.deepEqual([sends(vestnik, group).length, sends(vestnik, supergroup).length], [1, 2]);
  assert.equal((await vestnik.call('GET', `/v1/users/${id}`)).body.tg_id, supergroup);
});

test('a user who blocked the bot is not written to again until their tg_id is set', async (t) => {
  // Without a bot, which would hear of the blocking before the first send.
  const vestnik = await startVestnik(t, { env: { ROLES: 'api,worker' } });
  const salon = await openSalon(vestnik);
  const { id, chat } = salon.people.client;
  vestnik.telegram.block(chat);
  await salon.book('admin');
  await vestnik.settled();
  assert.equal((await vestnik.call('GET', `/v1/users/${id}`)).body.telegram_unreachable, 'blocked');
  await salon.book('admin', { starts_at: '2027-02-01T10:00:00Z' });
  await eventually(() => assert.equal(shown(vestnik, salon, 'specialist').length, 2));
  assert.equal(sends(vestnik, chat).length, 1);

  vestnik.telegram.unblock(chat);
  assert.equal((await vestnik.call('PATCH', `/v1/users/${id}`, { tg_id: chat })).status, 200);
  await salon.book('admin', { starts_at: '2027-02-02T10:00:00Z' });
  await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1));
});

test('a revoked token stops the channel: nothing is burnt, readyz says so, and all goes out afterwards', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const status = async () => (await vestnik.call('GET', '/readyz')).body;
  await eventually(async () => assert.equal((await status()).status, 'ok'));
  vestnik.telegram.fault('bot', { kind: 'unauthorized' });
  await salon.book('client');
  await eventually(async () => {
    const { status, body } = await vestnik.call('GET', '/readyz');
    assert.equal(status, 200);
    assert.equal(body.status, 'degraded');
    assert.match(body.reasons.join(), /telegram: telegram_401: Unauthorized; messages wait/);
  });
  const allSends = () => vestnik.telegram.requests().filter(({ method }) => method === 'sendmessage').length;
  const tried = allSends();
  assert.ok(tried <= 4, `${tried} messages were tried`);
  await salon.book('client', { starts_at: '2027-02-01T10:00:00Z' });
  // Longer than a message that found the channel down waits for its next try.
  await sleep(2500);
  assert.equal(allSends(), tried);

  vestnik.telegram.clearFaults();
  await eventually(() => {
    for (const person of ['client', 'specialist', 'admin', 'other_admin'] as const)
      assert.equal(shown(vestnik, salon, person).length, 2);
  }, 20_000);
  assert.deepEqual(await dead(vestnik), []);
  await eventually(async () => assert.deepEqual(await status(), { status: 'ok', reasons: [] }), 20_000);
});

test('a booking cancelled while its confirmation waits is not confirmed any more', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { chat } = salon.people.client;
  vestnik.telegram.fault(chat, { kind: 'too_many_requests', retryAfter: 1 }, { times: 1, methods: ['sendMessage'] });
  const { id } = await salon.book('admin');
  await eventually(() => assert.equal(sends(vestnik, chat).length, 1));
  assert.equal((await vestnik.call('POST', `/v1/bookings/${id}/cancel`)).status, 200);
  await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1), 20_000);
  await vestnik.settled();
  assert.match(shown(vestnik, salon, 'client').join(), /отменена/);
  assert.equal(shown(vestnik, salon, 'client').length, 1);
});
