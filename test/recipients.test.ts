import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { initiator, openSalon, type Person, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const EVERYBODY = ['client', 'specialist', 'admin', 'other_admin'] as const satisfies Person[];

/** What each person's new message begins with; undefined: hears nothing. */
type Heard = Partial<Record<(typeof EVERYBODY)[number], RegExp>>;

const ADMINS = (header: RegExp, english: RegExp): Heard => ({ admin: header, other_admin: english });

const CREATED_ADMINS = ADMINS(/^📅 Новая запись #/, /^📅 New booking #/);
const CANCELLED_ADMINS = ADMINS(/^❌ Запись #\d+ отменена/, /^❌ Booking #\d+ (was )?cancelled/);
const MOVED_ADMINS = ADMINS(/^🔄 Запись #\d+ перенесена/, /^🔄 Booking #\d+ (was )?(moved|rescheduled)/);

/** The recipients table of the product, a cell an entry. */
const TABLE: { does: 'create' | 'cancel' | 'move'; by: Person | null; heard: Heard }[] = [
  { does: 'create', by: 'client', heard: { client: /Вы записаны/, specialist: /Новая запись/, ...CREATED_ADMINS } },
  {
    does: 'create',
    by: 'admin',
    heard: { client: /записали/, specialist: /Новая запись/, other_admin: /^📅 New booking #/ },
  },
  { does: 'create', by: 'specialist', heard: { client: /записали/, ...CREATED_ADMINS } },
  { does: 'create', by: null, heard: { client: /новая запись/, specialist: /Новая запись/, ...CREATED_ADMINS } },
  { does: 'cancel', by: 'client', heard: { specialist: /отмен/, ...CANCELLED_ADMINS } },
  {
    does: 'cancel',
    by: 'admin',
    heard: { client: /Ваша запись отменена/, specialist: /отмен/, other_admin: /^❌ Booking #\d+/ },
  },
  { does: 'cancel', by: 'specialist', heard: { client: /Ваша запись отменена/, ...CANCELLED_ADMINS } },
  {
    does: 'cancel',
    by: null,
    heard: { client: /Ваша запись отменена/, specialist: /отмен/, ...CANCELLED_ADMINS },
  },
  { does: 'move', by: 'client', heard: { specialist: /перен/, ...MOVED_ADMINS } },
  { does: 'move', by: 'admin', heard: { client: /перен/, specialist: /перен/, other_admin: /^🔄 Booking #\d+/ } },
  { does: 'move', by: 'specialist', heard: { client: /перен/, ...MOVED_ADMINS } },
  { does: 'move', by: null, heard: { client: /перен/, specialist: /перен/, ...MOVED_ADMINS } },
];

let day = 1;
const nextSlot = () => new Date(Date.UTC(2027, 2, day++, 9)).toISOString();

async function act(vestnik: Vestnik, salon: Salon, does: 'create' | 'cancel' | 'move', by: Person | null) {
  if (does === 'create') return await salon.book(by, { starts_at: nextSlot() });
  const booking = await salon.book(null, { starts_at: nextSlot(), notify: false });
  const path = `/v1/bookings/${booking.id}`;
  const { status, body } =
    does === 'cancel'
      ? await vestnik.call('POST', `${path}/cancel`, undefined, initiator(salon, by))
      : await vestnik.call('PATCH', path, { starts_at: nextSlot() }, initiator(salon, by));
  assert.equal(status, 200, JSON.stringify(body));
  return booking;
}

/** The new message texts of each person, once all is settled. */
async function newMessages(vestnik: Vestnik, salon: Salon, work: () => Promise<unknown>) {
  const before = new Map<Person, number>(EVERYBODY.map((person) => [person, shown(vestnik, salon, person).length]));
  await work();
  await vestnik.settled();
  const fresh = EVERYBODY.map((person) => [person, shown(vestnik, salon, person).slice(before.get(person))] as const);
  return Object.fromEntries(fresh) as Record<Person, string[]>;
}

for (const { does, by, heard } of TABLE)
  test(`${does} by ${by ?? 'the system'}: exactly those of the table hear, once`, async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const messages = await newMessages(vestnik, salon, () => act(vestnik, salon, does, by));
    for (const person of EVERYBODY) {
      const expected = heard[person];
      assert.equal(messages[person].length, expected ? 1 : 0, `${person}: ${JSON.stringify(messages[person])}`);
      if (expected) assert.match(messages[person][0] ?? '', expected);
    }
  });

test('a reminder reaches the client and the specialist, and no admin', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { id } = await salon.book(null, { notify: false });
  const event = {
    type: 'booking_reminder',
    company_id: salon.companyId,
    booking_id: id,
    initiated_by: { user_id: null, role: 'cron', channel: 'api' },
  };
  const messages = await newMessages(vestnik, salon, async () => {
    assert.equal((await vestnik.call('POST', '/v1/events', event)).status, 202);
  });
  assert.deepEqual(
    EVERYBODY.map((person) => messages[person].length),
    [1, 1, 0, 0],
  );
});

test('when the specialist is replaced, the old one hears that the booking left them', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { id } = await salon.book(null, { notify: false });
  const change = { specialist_id: salon.people.other_specialist.id };
  assert.equal((await vestnik.call('PATCH', `/v1/bookings/${id}`, change)).status, 200);
  await eventually(() => {
    assert.match(shown(vestnik, salon, 'specialist')[0] ?? '', new RegExp(`#${id}`));
    assert.match(shown(vestnik, salon, 'other_specialist')[0] ?? '', new RegExp(`#${id}`));
  });
  assert.notEqual(shown(vestnik, salon, 'specialist')[0], shown(vestnik, salon, 'other_specialist')[0]);
});

test('a person with two roles hears once, in the role nearer to the booking', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const own = { specialist_id: salon.people.admin.id };
  const messages = await newMessages(vestnik, salon, () => salon.book('client', own));
  assert.equal(messages.admin.length, 1);
  assert.doesNotMatch(messages.admin[0] ?? '', /📞/);
});

test('a reschedule shows the old and the new time', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { id } = await salon.book(null, { notify: false });
  await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at: '2027-01-29T12:00:00Z' }, initiator(salon, 'admin'));
  await eventually(() => {
    assert.match(shown(vestnik, salon, 'client')[0] ?? '', /28\.01\.2027 14:00 → 29\.01\.2027 15:00/);
    assert.match(shown(vestnik, salon, 'specialist')[0] ?? '', /28\.01\.2027 14:00 → 29\.01\.2027 15:00/);
  });
});
