import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

/** A quarter to eight in Moscow. */
const QUARTER_TO = Date.parse('2026-11-24T04:45:00Z');
const HEADER = /^🗓 Сегодня/;

/** A salon whose specialists get their lists at eight, at a quarter to eight; its clock goes as the test says. */
async function openMorning(t: TestContext) {
  let now = QUARTER_TO;
  const vestnik = await startVestnik(t, { clock: () => new Date(now) });
  const salon = await openSalon(vestnik);
  const company = `/v1/companies/${salon.companyId}`;
  const set = async (change: object) => {
    const answer = await vestnik.call('PATCH', company, change);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  await set({ day_list_at: '08:00', reminders: [] });
  const lists = (person: 'specialist' | 'other_specialist' | 'admin') =>
    shown(vestnik, salon, person).filter((text) => HEADER.test(text));
  const hasLooked = async () => {
    const [row] = await vestnik.database
      .read()
      .execute<{ due: number }[]>('SELECT COUNT(*) AS due FROM companies WHERE next_day_list_at <= ?', [new Date(now)]);
    assert.equal(row?.due, 0);
  };
  return {
    ...{ vestnik, salon, set, lists },
    /** The clock shows this time of the day in UTC, and the scheduler has looked. */
    async at(time: string) {
      now = Date.parse(`2026-11-${time}:00Z`);
      await eventually(hasLooked, 10_000);
    },
    clockTo(time: string) {
      now = Date.parse(`2026-11-${time}:00Z`);
    },
    book: async (time: string, change: object = {}) => {
      const starts_at = `2026-11-${time}:00Z`;
      return (await salon.book(null, { starts_at, notify: false, allow_overlap: true, ...change })).id;
    },
    deliveries: async () => (await vestnik.call('GET', '/v1/deliveries?event_type=specialist_day')).body.items,
  };
}

test('each specialist with bookings gets the list of their day at the hour of the company, once', async (t) => {
  const { vestnik, salon, lists, book, at, deliveries } = await openMorning(t);
  const { specialist, admin } = salon.people;
  const second = await book('24T09:30', { client_id: salon.people.client.id });
  const first = await book('24T07:00');
  await book('24T10:00', { specialist_id: admin.id });
  const cancelled = await book('24T12:00');
  assert.equal((await vestnik.call('POST', `/v1/bookings/${cancelled}/cancel`)).status, 200);
  await book('24T21:30'); // it is tomorrow in Moscow
  await at('24T04:59');
  assert.deepEqual(lists('specialist'), []);
  await at('24T05:00');
  await eventually(() => assert.deepEqual([lists('specialist').length, lists('admin').length], [1, 1]));
  const [text = ''] = lists('specialist');
  const expected = [
    '🗓 Сегодня, 24.11.2026: 2 записи',
    `🕐 10:00 · #${first}\n👤 Иван Петров\n💇 Стрижка · 60 мин`,
    `🕐 12:30 · #${second}\n👤 Иван Петров\n💇 Стрижка · 60 мин`,
  ];
  assert.equal(text, expected.join('\n\n'));

  await vestnik.restart();
  await at('24T08:00');
  await vestnik.settled();
  assert.deepEqual([lists('specialist').length, lists('admin').length, lists('other_specialist').length], [1, 1, 0]);
  const log = await deliveries();
  assert.deepEqual(
    log
      .map(({ user_id, role, status, channel, booking_id }: Record<string, unknown>) =>
        [user_id, role, status, channel, booking_id].join(' '),
      )
      .sort(),
    [specialist, admin].map(({ id }) => `${id} specialist delivered telegram `),
  );
  const { event_id } = log.find(({ user_id }: { user_id: number }) => user_id === specialist.id);
  const explain = async (id: number) =>
    (await vestnik.call('GET', `/v1/deliveries/explain?event_id=${event_id}&user_id=${id}`)).body;
  const theirs = await explain(specialist.id);
  assert.equal(theirs.verdict, 'delivered');
  assert.match(theirs.explanation, /got the message as specialist over Telegram/);
  const other = await explain(admin.id);
  assert.deepEqual([other.verdict, other.steps[2].facts.role], ['not_concerned', null]);
  assert.match(other.explanation, /list of another specialist/);

  await at('25T04:59');
  await at('25T05:00');
  await eventually(() => assert.equal(lists('specialist').length, 1));
});

test('a list tells of what stands when it is sent, and is not sent when nothing is left', async (t) => {
  const { vestnik, salon, lists, book, clockTo, at, deliveries } = await openMorning(t);
  const early = await book('24T07:00');
  const late = await book('24T09:00');
  const gone = await book('24T11:00', { specialist_id: salon.people.other_specialist.id });
  await at('24T04:50');
  const away = { kind: 'too_many_requests', retryAfter: 4 } as const;
  for (const person of ['specialist', 'other_specialist'] as const)
    vestnik.telegram.fault(salon.people[person].chat, away, { times: 1, methods: ['sendMessage'] });
  clockTo('24T05:00');
  const asked = () => vestnik.telegram.requests().filter(({ method }) => method === 'sendmessage').length;
  await eventually(() => assert.equal(asked(), 2), 10_000);
  for (const id of [early, gone]) assert.equal((await vestnik.call('POST', `/v1/bookings/${id}/cancel`)).status, 200);
  await vestnik.settled();
  assert.equal(lists('specialist').length, 1);
  assert.match(lists('specialist')[0] ?? '', new RegExp(`^🗓 Сегодня, 24.11.2026: 1 запись\n\n🕐 12:00 · #${late}\n`));
  assert.deepEqual(
    (await deliveries()).map(({ user_id, reason }: Record<string, unknown>) => [user_id, reason]).sort(),
    [
      [salon.people.specialist.id, null],
      [salon.people.other_specialist.id, 'no_bookings'],
    ],
  );
});

test('after an outage the list has what is left of the day, and a day that is over has none', async (t) => {
  const { vestnik, lists, book, clockTo, at } = await openMorning(t);
  await book('24T07:00');
  const left = await book('24T12:00');
  await book('25T12:00');
  await vestnik.redis.kill();
  clockTo('24T10:00');
  await vestnik.redis.start();
  await at('24T10:00');
  await eventually(() => assert.equal(lists('specialist').length, 1), 20_000);
  assert.match(lists('specialist')[0] ?? '', new RegExp(`1 запись\n\n🕐 15:00 · #${left}\n`));
  await at('26T01:00');
  await vestnik.settled();
  assert.equal(lists('specialist').length, 1);
});

test('who asks for lists when the hour has passed gets the first on the next day', async (t) => {
  const { vestnik, lists, book, at, set } = await openMorning(t);
  for (const day of ['24', '25']) await book(`${day}T15:00`);
  assert.equal((await set({ day_list_at: null })).day_list_at, null);
  await at('24T06:00');
  const shownNow = await set({ day_list_at: '08:30' });
  assert.deepEqual([shownNow.day_list_at, 'next_day_list_at' in shownNow], ['08:30', false]);
  await at('24T06:01');
  await at('25T05:29');
  await vestnik.settled();
  assert.equal(lists('specialist').length, 0);
  await at('25T05:30');
  await eventually(() => assert.equal(lists('specialist').length, 1));
  // By another clock it is half past eight once more, on the same day.
  await set({ time_zone: 'America/New_York' });
  await at('25T13:30');
  await vestnik.settled();
  assert.equal(lists('specialist').length, 1);
});

test('a list that Telegram held up until the day was over is not sent', async (t) => {
  const { vestnik, salon, lists, book, clockTo, at, deliveries } = await openMorning(t);
  await book('24T20:00');
  await at('24T04:50');
  vestnik.telegram.fault(
    salon.people.specialist.chat,
    { kind: 'too_many_requests', retryAfter: 6 },
    { times: 1, methods: ['sendMessage'] },
  );
  clockTo('24T05:00');
  await eventually(
    () => assert.equal(vestnik.telegram.requests().filter(({ method }) => method === 'sendmessage').length, 1),
    10_000,
  );
  const { id } = salon.people.specialist;
  const { under_way } = (await vestnik.call('POST', `/v1/users/${id}/export`)).body;
  const [{ event_id, event_type, booking_id }] = under_way;
  assert.deepEqual([under_way.length, event_type, booking_id], [1, 'specialist_day', null]);
  const explained = await vestnik.call('GET', `/v1/deliveries/explain?event_id=${event_id}&user_id=${id}`);
  assert.equal(explained.body.verdict, 'under_way');
  clockTo('24T21:00');
  await vestnik.settled();
  assert.deepEqual([lists('specialist').length, (await deliveries())[0].reason], [0, 'too_late']);
});

test('a dead list is replayed as it stands then', async (t) => {
  const { vestnik, salon, lists, book, at, deliveries } = await openMorning(t);
  await book('24T07:00');
  vestnik.telegram.fault(salon.people.specialist.chat, { kind: 'server_error' }, { methods: ['sendMessage'] });
  await at('24T05:00');
  await eventually(async () => assert.equal((await deliveries())[0]?.status, 'dead'), 10_000);
  const [letter] = (await vestnik.call('GET', '/v1/dead-letters')).body.items;
  assert.deepEqual([letter.event.type, letter.user_id], ['specialist_day', salon.people.specialist.id]);
  await book('24T08:00');
  vestnik.telegram.clearFaults();
  assert.equal((await vestnik.call('POST', '/v1/dead-letters/replay', { ids: [letter.id] })).status, 200);
  await eventually(() => assert.equal(lists('specialist').length, 1));
  assert.match(lists('specialist')[0] ?? '', /2 записи/);
  await vestnik.settled();
  assert.equal((await deliveries())[0].status, 'delivered');
});

test('nobody posts a list, and an entry that somebody forged tells nobody of another company', async (t) => {
  const { vestnik, salon, lists, book, deliveries } = await openMorning(t);
  await book('24T07:00');
  const forged = {
    ...{ id: 'forged', type: 'specialist_day', company_id: salon.companyId, date: '2026-11-24', ts: 1 },
    ...{ user_id: salon.people.specialist.id, initiated_by: { user_id: null, role: 'cron', channel: 'x' } },
  };
  const posted = await vestnik.call('POST', '/v1/events', { type: forged.type, company_id: 1, user_id: 1 });
  assert.ok([400, 422].includes(posted.status), String(posted.status));
  const other = await vestnik.create('/v1/companies', { name: 'x', time_zone: 'UTC' });
  const add = (event: object) => vestnik.redis.redis.xadd('events:p2p', '*', 'event', JSON.stringify(event));
  await add({ ...forged, id: 'foreign', company_id: other.id });
  await add({ ...forged, id: 'tomorrow', date: '2026-11-25' });
  await add({ ...forged, id: 'long ago', date: '0001-01-01' });
  await add({ ...forged, id: 'far', date: '9999-12-31' });
  await add({ ...forged, id: 'nobody', user_id: 2 ** 31 - 1 });
  await add({ ...forged, id: 'no company', company_id: 2 ** 31 - 1 });
  await add({ ...forged, id: 'huge', user_id: Number.MAX_SAFE_INTEGER });
  await vestnik.settled();
  const reasons = Object.fromEntries(
    (await deliveries()).map(({ event_id, reason }: Record<string, string>) => [event_id, reason]),
  );
  assert.deepEqual(
    [reasons.foreign, reasons.tomorrow, reasons['long ago'], reasons.far, reasons.nobody],
    ['deleted', 'not_today', 'too_late', 'not_today', 'deleted'],
  );
  assert.deepEqual(lists('specialist'), []);
});

test('a person’s export has their lists, and their erasure takes them', async (t) => {
  const { vestnik, salon, lists, book, at } = await openMorning(t);
  await book('24T07:00');
  await at('24T05:00');
  await eventually(() => assert.equal(lists('specialist').length, 1));
  const user = `/v1/users/${salon.people.specialist.id}`;
  const { day_lists, deliveries: log } = (await vestnik.call('POST', `${user}/export`)).body;
  assert.deepEqual(
    day_lists.map(({ date, event_id }: Record<string, unknown>) => [date, event_id]),
    [['2026-11-24', log.find(({ event_type }: Record<string, unknown>) => event_type === 'specialist_day').event_id]],
  );
  assert.equal((await vestnik.call('POST', `${user}/erase`)).body.removed.day_lists, 1);
  await vestnik.settled();
  await at('24T05:30');
  assert.equal(lists('specialist').length, 1);
});
