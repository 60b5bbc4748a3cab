import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { initiator, openSalon, type Person, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const STAFF = ['specialist', 'other_admin'] as const satisfies Person[];

const WINDOW_S = 300;

/** A salon with a window that no slow machine outlasts, and a booking at two, under a clock that the test moves. */
async function openMovable(t: TestContext) {
  let ahead = 0;
  const vestnik = await startVestnik(t, { clock: () => new Date(Date.now() + ahead) });
  const salon = await openSalon(vestnik);
  const company = await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, { merge_moves_s: WINDOW_S });
  assert.equal(company.body.merge_moves_s, WINDOW_S);
  const { id } = await salon.book(null, { notify: false });
  /** Resolves when what waited in the window has gone out. */
  const passWindow = async () => {
    ahead += WINDOW_S * 1000;
    await vestnik.settled();
  };
  return { vestnik, salon, id, passWindow };
}

/** Times of the day on which the booking is, in Moscow. */
async function moveTo(vestnik: Vestnik, salon: Salon, id: number, ...hours: number[]): Promise<void> {
  for (const hour of hours) {
    const starts_at = `2027-01-28T${hour - 3}:00:00Z`;
    const moved = await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at }, initiator(salon, 'admin'));
    assert.equal(moved.status, 200);
  }
}

const count = (vestnik: Vestnik, salon: Salon) =>
  (['client', ...STAFF] as const).map((person) => shown(vestnik, salon, person).length);

async function log(vestnik: Vestnik, salon: Salon, id: number) {
  const path = `/v1/deliveries?booking_id=${id}&user_id=${salon.people.client.id}&event_type=booking_rescheduled`;
  return (await vestnik.call('GET', path)).body.items;
}

async function explained(vestnik: Vestnik, eventId: string, userId: number) {
  return (await vestnik.call('GET', `/v1/deliveries/explain?event_id=${eventId}&user_id=${userId}`)).body;
}

test('five quick moves are two messages, the second with the net change, and the log says which they were', async (t) => {
  const { vestnik, salon, id, passWindow } = await openMovable(t);
  await moveTo(vestnik, salon, id, 15);
  await eventually(() => assert.deepEqual(count(vestnik, salon), [1, 1, 1]));
  await moveTo(vestnik, salon, id, 16, 17, 18, 19);
  assert.deepEqual(count(vestnik, salon), [1, 1, 1]);
  const { under_way } = (await vestnik.call('POST', `/v1/users/${salon.people.client.id}/export`)).body;
  assert.deepEqual(
    under_way.map(({ event_type }: { event_type: string }) => event_type),
    ['booking_rescheduled'],
  );
  const { held_move } = (await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).body;
  assert.deepEqual([held_move.event_id, held_move.merged_versions], [under_way[0].event_id, [3, 4, 5, 6]]);
  assert.deepEqual(
    held_move.recipients.map(({ role, status, reason }: Record<string, string>) => [role, status, reason]),
    [
      ['client', 'planned', null],
      ['specialist', 'planned', null],
      ['admin', 'planned', null],
      ['admin', 'suppressed', 'initiator'],
    ],
  );
  const waits = await explained(vestnik, held_move.event_id, salon.people.client.id);
  assert.equal(waits.verdict, 'under_way');
  assert.ok(waits.explanation.includes(`until ${held_move.due_at}`), waits.explanation);
  assert.deepEqual([waits.steps[0].facts.source, waits.steps[0].facts.held_until], ['held', held_move.due_at]);
  await passWindow();
  assert.deepEqual(count(vestnik, salon), [2, 2, 2]);
  const [first, second] = shown(vestnik, salon, 'client');
  assert.match(first ?? '', /28\.01\.2027 14:00 → 28\.01\.2027 15:00/);
  assert.match(second ?? '', /28\.01\.2027 15:00 → 28\.01\.2027 19:00/);

  const [alone, merged] = await log(vestnik, salon, id);
  assert.deepEqual([alone.merged_versions, merged.merged_versions], [null, [3, 4, 5, 6]]);
  const { verdict, steps } = await explained(vestnik, merged.event_id, salon.people.client.id);
  assert.equal((await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).body.held_move, null);
  assert.equal(verdict, 'delivered');
  assert.match(steps[0].says, /moves to versions 3, 4, 5, 6/);
  assert.deepEqual(steps[0].facts.merged_versions, [3, 4, 5, 6]);
});

test('moves that lead back are no message, and the log says why', async (t) => {
  const { vestnik, salon, id, passWindow } = await openMovable(t);
  await moveTo(vestnik, salon, id, 15);
  await vestnik.settled();
  await moveTo(vestnik, salon, id, 16, 17, 15);
  await passWindow();
  assert.deepEqual(count(vestnik, salon), [1, 1, 1]);
  const [, back] = await log(vestnik, salon, id);
  assert.deepEqual([back.status, back.reason, back.merged_versions], ['suppressed', 'moved_back', [3, 4, 5]]);
  const { explanation } = await explained(vestnik, back.event_id, salon.people.client.id);
  assert.match(explanation, /led back to where they knew the booking to be/);
});

test('moves that lead back are told, as a change, to whom the first did not reach', async (t) => {
  const { vestnik, salon, id, passWindow } = await openMovable(t);
  vestnik.telegram.fault(salon.people.client.chat, { kind: 'cant_parse_entities' }, { methods: ['sendMessage'] });
  await moveTo(vestnik, salon, id, 15);
  await vestnik.settled();
  vestnik.telegram.clearFaults();
  await moveTo(vestnik, salon, id, 16, 15);
  await passWindow();
  assert.deepEqual(count(vestnik, salon), [1, 1, 1]);
  const [text = ''] = shown(vestnik, salon, 'client');
  assert.match(text, /Ваша запись изменена/);
  assert.match(text, /🕐 28\.01\.2027 15:00/);
  const [first, back] = await log(vestnik, salon, id);
  assert.deepEqual([first.status, back.status], ['dead', 'delivered']);
});

test('what waits survives a restart, and goes out once', async (t) => {
  const { vestnik, salon, id, passWindow } = await openMovable(t);
  await moveTo(vestnik, salon, id, 15, 16);
  await vestnik.restart();
  await passWindow();
  assert.deepEqual(count(vestnik, salon), [2, 2, 2]);
  await vestnik.restart();
  await passWindow();
  assert.deepEqual(count(vestnik, salon), [2, 2, 2]);
});
