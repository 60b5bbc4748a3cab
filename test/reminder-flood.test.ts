import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Booking, User } from '#src/db/entities.ts';
import { eventually } from './support/eventually.ts';
import { bookingRow } from './support/rows.ts';
import { openSalon, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const HOUR_MS = 3_600_000;
const FLOOD = 240;
const FIRST_CHAT = 500_000;
/** The flood takes eight seconds of sending; a machine with other work to do takes some more for a booking. */
const SOON_MS = 5_000;

/** So many clients with a booking each, of whose start they are to be told at one moment; their specialist has no messenger. */
async function addFlood({ database, telegram }: Vestnik, { companyId: company_id, serviceId }: Salon, startsAt: Date) {
  const person = { company_id, locale: 'ru', ads_opt_out: false, created_at: new Date() } as const;
  const next_reminder_at = new Date(startsAt.getTime() - 2 * HOUR_MS);
  await database.write(async (tx) => {
    const specialist_id = await tx.insert(User, { ...person, role: 'specialist', name: 'Марина' });
    for (let n = 0; n < FLOOD; n += 1) {
      const tg_id = FIRST_CHAT + n;
      telegram.registerUser({ id: tg_id, first_name: 'client' });
      const client_id = await tx.insert(User, { ...person, role: 'client', name: `Клиент ${n}`, tg_id });
      const ids = { company_id, client_id, specialist_id, service_id: serviceId };
      await tx.insert(Booking, { ...bookingRow(ids, startsAt), next_reminder_at });
    }
  });
}

const sends = ({ telegram }: Vestnik) => telegram.requests().filter(({ method }) => method === 'sendmessage');

/** The chats that a reminder of the flood has come to, in the order of arrival. */
const reminded = (vestnik: Vestnik): number[] =>
  sends(vestnik)
    .map(({ parameters }) => Number(parameters.chat_id))
    .filter((chat) => chat >= FIRST_CHAT);

const PEOPLE = ['client', 'specialist', 'admin', 'other_admin'] as const;

test('bookings are told soon while hundreds of reminders go, in their company and in others, and all reminders arrive', async (t) => {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const vestnik = await startVestnik(t, {
    env: { BROADCAST_RATE_PER_SECOND: '30' },
    rate: {},
    clock: () => new Date(now()),
  });
  const flooded = await openSalon(vestnik);
  const other = await openSalon(vestnik);
  await addFlood(vestnik, flooded, new Date(now() + 3 * HOUR_MS));
  ahead += HOUR_MS + 1000;
  await eventually(() => assert.equal(reminded(vestnik).length >= 30, true), 20_000);

  for (const salon of [other, flooded]) {
    await salon.book(null);
    const told = () => PEOPLE.filter((person) => shown(vestnik, salon, person).length > 0);
    await eventually(() => assert.deepEqual(told(), PEOPLE), SOON_MS);
  }
  assert.equal(reminded(vestnik).length < FLOOD, true, 'the reminders were over before');

  await eventually(() => assert.equal(new Set(reminded(vestnik)).size, FLOOD), 60_000);
  await vestnik.settled();
  assert.equal(reminded(vestnik).length, FLOOD);
  assert.deepEqual(
    sends(vestnik).filter(({ outcome }) => outcome?.accepted !== true),
    [],
  );
});
