import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Delivery } from '#src/db/event-entities.ts';
import type { Step } from '#src/explain/explanation.ts';
import { act, broadcast, openCrowd, untilStatus } from './support/broadcasts.ts';
import { run } from './support/command-line.ts';
import { eventually } from './support/eventually.ts';
import { initiator, openSalon, type Person, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

/** The event of the booking's last change. */
async function lastEvent(vestnik: Vestnik, booking_id: number): Promise<string> {
  const rows = await vestnik.database.read().find(Delivery, { booking_id }, { orderBy: { id: 'desc' }, limit: 1 });
  return rows[0]?.event_id ?? '';
}

async function explain(vestnik: Vestnik, event_id: string, user_id: number, company_id?: number) {
  const company = company_id === undefined ? '' : `&company_id=${company_id}`;
  const path = `/v1/deliveries/explain?event_id=${encodeURIComponent(event_id)}&user_id=${user_id}${company}`;
  const { status, body } = await vestnik.call('GET', path);
  assert.equal(status, 200, JSON.stringify(body));
  const factsOf = (name: Step['step']) => body.steps.find(({ step }: Step) => step === name)?.facts;
  return { ...body, factsOf, names: body.steps.map(({ step }: Step) => step) };
}

const ofPerson = (vestnik: Vestnik, salon: Salon, person: Person, event_id: string) =>
  explain(vestnik, event_id, salon.people[person].id);

describe('explain, of a booking', () => {
  test('tells who was told, who was left out, and who had nothing to do with it', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik, { other_admin: { tg_id: null } });
    const { id } = await salon.book('admin');
    await vestnik.settled();
    const event = await lastEvent(vestnik, id);

    const client = await ofPerson(vestnik, salon, 'client', event);
    assert.equal(client.verdict, 'delivered');
    assert.match(client.explanation, /^User \d+ got the message as client over Telegram at 20/);
    assert.deepEqual(client.names, [
      ...[
        'event',
        'user',
        'role',
        'exclusion',
        'settings',
        'opt_out',
        'quiet_hours',
        'reachability',
        'channel',
        'attempts',
        'outcome',
      ],
    ]);
    assert.equal(client.factsOf('event').source, 'log');
    assert.equal(client.factsOf('channel').channel, 'telegram');
    assert.deepEqual(client.factsOf('settings').channels[0], { channel: 'telegram', enabled: true, decided_by: 'all' });

    const admin = await ofPerson(vestnik, salon, 'admin', event);
    assert.deepEqual([admin.verdict, admin.factsOf('exclusion').reason], ['suppressed', 'initiator']);
    assert.match(admin.explanation, /nobody is told of their own act/);

    const alone = await ofPerson(vestnik, salon, 'other_admin', event);
    assert.deepEqual([alone.verdict, alone.factsOf('outcome').reason], ['suppressed', 'no_channel']);

    const stranger = await ofPerson(vestnik, salon, 'other_specialist', event);
    assert.deepEqual([stranger.verdict, stranger.factsOf('role').role], ['not_concerned', null]);
    assert.equal((await explain(vestnik, 'no-such-event', salon.people.client.id)).verdict, 'unknown_event');
    assert.equal((await explain(vestnik, event, 999_999)).verdict, 'unknown_event');
    assert.equal((await explain(vestnik, event, 999_999, salon.companyId)).verdict, 'not_concerned');
  });

  test('tells of each reason why nothing was sent', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { people, companyId: company_id } = salon;
    const { body: rows } = await vestnik.call(
      'GET',
      `/v1/notification-settings?company_id=${company_id}&event_type=booking_created&recipient_role=specialist`,
    );
    await vestnik.call('PATCH', `/v1/notification-settings/${rows.items[0].id}`, { enabled: false });
    vestnik.telegram.block(people.client.chat);
    const { id } = await salon.book(null);
    await vestnik.settled();
    const created = await lastEvent(vestnik, id);

    const off = await ofPerson(vestnik, salon, 'specialist', created);
    assert.deepEqual([off.verdict, off.factsOf('exclusion').reason], ['suppressed', 'setting_off']);
    assert.deepEqual(off.factsOf('settings').channels[0], { channel: 'telegram', enabled: false, decided_by: 'all' });
    const blocked = await ofPerson(vestnik, salon, 'client', created);
    assert.deepEqual([blocked.verdict, blocked.factsOf('outcome').reason], ['suppressed', 'unreachable:blocked']);
    assert.match(blocked.explanation, /they have blocked the bot/);

    // Two rows of one Telegram account are one person.
    await vestnik.call('PATCH', `/v1/users/${people.admin.id}`, { tg_id: people.client.chat });
    const both = await salon.book(null, { starts_at: '2027-02-01T10:00:00Z' });
    await vestnik.settled();
    const nearer = await ofPerson(vestnik, salon, 'admin', await lastEvent(vestnik, both.id));
    assert.deepEqual([nearer.verdict, nearer.factsOf('exclusion').reason], ['suppressed', 'heard_in_nearer_role']);
  });

  test('shows the answers of a provider that failed, the dead letter, and its replay', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const chat = salon.people.client.chat;
    const heal = vestnik.telegram.fault(chat, { kind: 'server_error' }, { times: 3 });
    const { id } = await salon.book(null);
    await vestnik.settled();
    const event = await lastEvent(vestnik, id);
    const died = await ofPerson(vestnik, salon, 'client', event);
    assert.equal(died.verdict, 'dead');
    assert.match(died.explanation, /after 3 attempts. The last answer was "telegram_5/);
    const { attempts, first_error, last_error, dead_letter_id } = died.factsOf('attempts');
    assert.deepEqual([attempts, /^telegram_5/.test(first_error), /^telegram_5/.test(last_error)], [3, true, true]);
    heal();
    await vestnik.call('POST', '/v1/dead-letters/replay', { ids: [dead_letter_id] });
    await eventually(async () => {
      assert.equal((await ofPerson(vestnik, salon, 'client', event)).verdict, 'delivered');
    });
  });

  test('shows what is under way: the outbox while Redis is away, attempts between two of them', async (t) => {
    const vestnik = await startVestnik(t, { env: { RETRY_BACKOFF_MS: '60000,60000' } });
    const salon = await openSalon(vestnik);
    vestnik.telegram.fault(salon.people.client.chat, { kind: 'server_error' }, { times: 1 });
    const { id } = await salon.book('admin');
    const event = await eventually(async () => {
      const found = await lastEvent(vestnik, id);
      assert.notEqual(found, '');
      return found;
    });
    await eventually(async () => {
      const waiting = await ofPerson(vestnik, salon, 'client', event);
      assert.deepEqual([waiting.verdict, waiting.factsOf('attempts')?.state], ['under_way', 'waiting']);
      assert.match(waiting.explanation, /one attempt failed, and the next one follows/);
      assert.match(waiting.factsOf('attempts').first_error, /^telegram_5/);
      assert.equal(waiting.factsOf('event').source, 'stream');
    });
    assert.equal((await ofPerson(vestnik, salon, 'specialist', event)).verdict, 'delivered');
    assert.equal((await ofPerson(vestnik, salon, 'other_specialist', event)).verdict, 'not_concerned');

    await vestnik.redis.kill();
    const away = await ofPerson(vestnik, salon, 'client', event);
    assert.deepEqual([away.verdict, away.factsOf('event').source], ['under_way', 'outbox']);
  });

  test('tells of a message that was overtaken, and of an event that died as a whole', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    await vestnik.redis.kill();
    const { id } = await salon.book('admin');
    await vestnik.call('POST', `/v1/bookings/${id}/cancel`, undefined, initiator(salon, 'admin'));
    await vestnik.redis.start();
    await vestnik.settled();
    const rows = await vestnik.database.read().find(Delivery, { booking_id: id, event_type: 'booking_created' });
    const overtaken = await ofPerson(vestnik, salon, 'client', rows[0]?.event_id ?? '');
    assert.deepEqual([overtaken.verdict, overtaken.factsOf('outcome').reason], ['suppressed', 'superseded']);

    const event = { id: 'lost-1', type: 'booking_created', company_id: salon.companyId, booking_id: 999 };
    assert.equal((await vestnik.call('POST', '/v1/events', event)).status, 202);
    await eventually(async () => {
      const lost = await ofPerson(vestnik, salon, 'client', 'lost-1');
      assert.equal(lost.verdict, 'dead');
      assert.match(lost.explanation, /^Nobody was told: .*booking_not_found/);
    });
  });
});

describe('explain, of a broadcast', () => {
  test('tells of those who do not want ads, of a pause, and of a cancellation', async (t) => {
    const vestnik = await startVestnik(t);
    const crowd = await openCrowd(vestnik, 3, (index) => ({ ads_opt_out: index === 1 }));
    const [first, second] = crowd.people.map(({ id }) => id);
    const { id } = await broadcast(vestnik, crowd);
    await untilStatus(vestnik, id, 'completed');
    const event = `broadcast:${id}:1`;
    assert.equal((await explain(vestnik, event, first ?? 0)).verdict, 'delivered');
    const out = await explain(vestnik, event, second ?? 0);
    assert.deepEqual([out.verdict, out.factsOf('outcome').reason], ['suppressed', 'opted_out']);
    assert.deepEqual(out.factsOf('opt_out'), { ads_opt_out: true, matters: true });

    const slow = await broadcast(vestnik, crowd, { content: { tg_html: 'x' } });
    assert.equal((await act(vestnik, slow.id, 'cancel')).status, 200);
  });
});

test('vestnik explain says it in a terminal, and as the API does with --json', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { id } = await salon.book('admin');
  await vestnik.settled();
  const event = await lastEvent(vestnik, id);
  const command = (...args: string[]) =>
    run(['explain', ...args, '--url', vestnik.url], { ADMIN_API_KEY: 'test-admin-key' });
  const user = String(salon.people.admin.id);
  const [text, json, wrong] = await Promise.all([
    command(event, user),
    command(event, user, '--json'),
    command(event, 'ivan'),
  ]);
  assert.deepEqual([text.code, text.stderr], [0, '']);
  assert.match(text.stdout, /^suppressed: User \d+ was not sent the message, because they made the change themselves/);
  assert.match(text.stdout, /^exclusion +then +They are left out/m);
  assert.equal(JSON.parse(json.stdout).verdict, 'suppressed');
  assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
});
