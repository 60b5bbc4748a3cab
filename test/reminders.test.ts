import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik, type VestnikOptions } from './support/vestnik.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Two looks of the scheduler, and time for what they would have sent. */
const TWO_LOOKS_MS = 5_000;

/** The product under a clock that the test moves. */
async function openOnMovedClock(t: TestContext, options: VestnikOptions = {}) {
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const vestnik = await startVestnik(t, { ...options, clock: now });
  const salon = await openSalon(vestnik);
  return {
    ...{ vestnik, salon },
    pass: (ms: number) => {
      ahead += ms;
    },
    /** Books it without telling anybody. */
    book: async (inMs: number, change: object = {}) => {
      const starts_at = new Date(now().getTime() + inMs).toISOString();
      return (await salon.book(null, { starts_at, notify: false, allow_overlap: true, ...change })).id;
    },
    scheduleOf: async (id: number) => (await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).body,
  };
}

interface RecipientView {
  user_id: number;
  status: string;
  reason: string | null;
}

const heard = (vestnik: Vestnik, salon: Salon) => ({
  client: shown(vestnik, salon, 'client').length,
  specialist: shown(vestnik, salon, 'specialist').length,
  admins: shown(vestnik, salon, 'admin').length + shown(vestnik, salon, 'other_admin').length,
});

test('client and specialist are reminded two hours before, once, and nobody of what was cancelled', async (t) => {
  const { vestnik, salon, pass, book, scheduleOf } = await openOnMovedClock(t);
  const id = await book(3 * HOUR_MS);
  const cancelled = await book(3 * HOUR_MS);
  assert.equal((await vestnik.call('POST', `/v1/bookings/${cancelled}/cancel`)).status, 200);
  await vestnik.settled();
  const before = heard(vestnik, salon);

  const planned = (await scheduleOf(id)).reminders;
  const { client, specialist, admin, other_admin } = salon.people;
  assert.deepEqual(
    planned.map(({ offset, state, reason }: Record<string, unknown>) => [offset, state, reason]),
    [
      [1440, 'skipped', 'start_set_later'],
      [120, 'pending', null],
    ],
  );
  const person = (user_id: number, role: string, status: string, rest: object) => ({ user_id, role, status, ...rest });
  const byTelegram = { channel: 'telegram', reason: null };
  assert.deepEqual(planned[1].recipients, [
    person(client.id, 'client', 'planned', byTelegram),
    person(specialist.id, 'specialist', 'planned', byTelegram),
    person(admin.id, 'admin', 'suppressed', { channel: null, reason: 'setting_off' }),
    person(other_admin.id, 'admin', 'suppressed', { channel: null, reason: 'setting_off' }),
  ]);

  pass(HOUR_MS + 1000);
  const after = { client: before.client + 1, specialist: before.specialist + 1, admins: before.admins };
  await eventually(() => assert.deepEqual(heard(vestnik, salon), after), 10_000);
  assert.match(shown(vestnik, salon, 'client').at(-1) ?? '', /Напомин/);
  await vestnik.restart();
  await new Promise((resolve) => setTimeout(resolve, TWO_LOOKS_MS));
  await vestnik.settled();
  assert.deepEqual(heard(vestnik, salon), after);

  const [, told] = (await scheduleOf(id)).reminders;
  assert.deepEqual(
    [told.state, told.version, told.recipients.slice(0, 2)],
    [
      'emitted',
      1,
      [
        person(client.id, 'client', 'delivered', byTelegram),
        person(specialist.id, 'specialist', 'delivered', byTelegram),
      ],
    ],
  );
  const log = await vestnik.call('GET', `/v1/deliveries?event_id=${told.event_id}`);
  assert.equal(log.body.items.length, 4);
  assert.deepEqual(
    (await scheduleOf(cancelled)).reminders.map(({ state, reason }: Record<string, unknown>) => [state, reason]),
    [
      ['skipped', 'start_set_later'],
      ['skipped', 'booking_cancelled'],
    ],
  );
});

test('a booking that moved is reminded of at its new time, and after downtime once', async (t) => {
  const { vestnik, salon, pass, book, scheduleOf } = await openOnMovedClock(t);
  const id = await book(30 * HOUR_MS);
  const starts_at = new Date(Date.now() + 50 * HOUR_MS).toISOString();
  assert.equal((await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at, notify: false })).status, 200);
  pass(25 * HOUR_MS); // past what would have been its time
  await new Promise((resolve) => setTimeout(resolve, TWO_LOOKS_MS));
  assert.deepEqual(heard(vestnik, salon), { client: 0, specialist: 0, admins: 0 });
  pass(24 * HOUR_MS); // past both of its own
  await eventually(() => assert.deepEqual(heard(vestnik, salon), { client: 1, specialist: 1, admins: 0 }), 10_000);
  await vestnik.settled();
  const states = (await scheduleOf(id)).reminders.map(({ offset, version, state, reason }: Record<string, unknown>) => {
    return [offset, version, reason ?? state];
  });
  assert.deepEqual(states, [
    [1440, 2, 'nearer_reminder'],
    [120, 2, 'emitted'],
  ]);
});

test('reminders and zones that a company sets count for the bookings that it has', async (t) => {
  const { vestnik, salon, pass, book, scheduleOf } = await openOnMovedClock(t);
  const company = `/v1/companies/${salon.companyId}`;
  await book(3 * HOUR_MS);
  const set = await vestnik.call('PATCH', company, { reminders: [150, { evening_before: '23:59' }, 120] });
  assert.deepEqual(set.body.reminders, [150, { evening_before: '23:59' }, 120]);
  pass(HOUR_MS / 2 + 1000);
  await eventually(() => assert.equal(heard(vestnik, salon).client, 1), 10_000);
  const later = await book(72 * HOUR_MS);
  const evening = async () => {
    const { reminders, time_zone } = await scheduleOf(later);
    const found = reminders.find(({ offset }: { offset: unknown }) => typeof offset === 'object');
    return { time_zone, due: found.due_at };
  };
  const before = await evening();
  assert.equal((await vestnik.call('PATCH', company, { time_zone: 'Pacific/Honolulu' })).status, 200);
  const after = await evening();
  assert.deepEqual([before.time_zone, after.time_zone], ['Europe/Moscow', 'Pacific/Honolulu']);
  assert.notEqual(before.due, after.due);
  const none = await vestnik.call('PATCH', company, { reminders: [] });
  assert.deepEqual(none.body.reminders, []);
  pass(HOUR_MS);
  await new Promise((resolve) => setTimeout(resolve, TWO_LOOKS_MS));
  assert.equal(heard(vestnik, salon).client, 1);
});

test('of two reminders that a channel held up until both were due, one is sent', async (t) => {
  const { vestnik, salon, pass, book, scheduleOf } = await openOnMovedClock(t);
  const id = await book(25 * HOUR_MS);
  const { client } = salon.people;
  vestnik.telegram.fault(client.chat, { kind: 'too_many_requests', retryAfter: 3 }, { times: 1 });
  pass(HOUR_MS + 1000);
  const asked = () =>
    vestnik.telegram.requests().filter(({ parameters }) => Number(parameters.chat_id) === client.chat);
  await eventually(() => assert.equal(asked().length, 1), 10_000);
  pass(22.5 * HOUR_MS);
  const outcomes = async () =>
    (await scheduleOf(id)).reminders.map(({ offset, recipients }: { offset: number; recipients: RecipientView[] }) => {
      const { status, reason } = recipients.find(({ user_id }) => user_id === client.id) ?? {};
      return [offset, status, reason];
    });
  const expected = [
    [1440, 'suppressed', 'nearer_reminder'],
    [120, 'delivered', null],
  ];
  await eventually(async () => assert.deepEqual(await outcomes(), expected), 20_000);
  await vestnik.settled();
  assert.deepEqual(heard(vestnik, salon), { client: 1, specialist: 2, admins: 0 });
  const [{ event_id }] = (await scheduleOf(id)).reminders;
  const why = await vestnik.call('GET', `/v1/deliveries/explain?event_id=${event_id}&user_id=${client.id}`);
  assert.match(JSON.stringify(why.body), /until a reminder nearer to the start went/);
});

test('a reminder that Telegram held up until the booking had begun is not sent, and the log says why', async (t) => {
  const { vestnik, salon, pass, book, scheduleOf } = await openOnMovedClock(t);
  const id = await book(3 * HOUR_MS);
  const { client } = salon.people;
  vestnik.telegram.fault(client.chat, { kind: 'too_many_requests', retryAfter: 2 }, { times: 1 });
  pass(HOUR_MS + 1000);
  const asked = () =>
    vestnik.telegram.requests().filter(({ parameters }) => Number(parameters.chat_id) === client.chat);
  await eventually(() => assert.equal(asked().length, 1), 10_000);
  pass(2 * HOUR_MS);
  await vestnik.settled();
  assert.deepEqual([asked().length, heard(vestnik, salon)], [1, { client: 0, specialist: 1, admins: 0 }]);
  const [, { recipients }] = (await scheduleOf(id)).reminders;
  const { status, reason } = recipients.find(({ user_id }: { user_id: number }) => user_id === client.id);
  assert.deepEqual([status, reason], ['suppressed', 'too_late']);
});

test('the schedule refuses ids that are none', async (t) => {
  const { vestnik, book } = await openOnMovedClock(t);
  await book(HOUR_MS);
  const ids = ['0', '-1', '1.5', '01', 'x', '1%00', '%27', '1;DROP', '9999999999', '2147483647', '1%2F..%2F2'];
  for (const id of ids) assert.equal((await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).status, 404, id);
  assert.equal((await vestnik.call('GET', '/v1/bookings/1/schedule?x=1')).status, 400);
  assert.equal((await vestnik.call('POST', '/v1/bookings/1/schedule')).status, 405);
  const health = await vestnik.call('GET', '/healthz');
  assert.deepEqual(health.body, { status: 'ok', tzdata: process.versions.tz });
});
