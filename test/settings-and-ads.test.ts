import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon, type Person, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const EVERYBODY = ['client', 'specialist', 'admin', 'other_admin'] as const satisfies Person[];
const ROLE_OF = { client: 'client', specialist: 'specialist', admin: 'admin', other_admin: 'admin' } as const;

async function settingOf(vestnik: Vestnik, salon: Salon, role: string): Promise<{ id: number }> {
  const query = `company_id=${salon.companyId}&event_type=booking_created&recipient_role=${role}`;
  const { body } = await vestnik.call('GET', `/v1/notification-settings?${query}`);
  assert.equal(body.items.length, 1);
  return body.items[0];
}

async function heard(vestnik: Vestnik, salon: Salon, slot: string): Promise<Person[]> {
  const before = new Map(EVERYBODY.map((person) => [person, shown(vestnik, salon, person).length]));
  await salon.book(null, { starts_at: slot });
  await vestnik.settled();
  return EVERYBODY.filter((person) => shown(vestnik, salon, person).length > (before.get(person) ?? 0));
}

test('a company starts with fifteen settings, and a role hears exactly while its row is on', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { body } = await vestnik.call('GET', `/v1/notification-settings?company_id=${salon.companyId}&limit=200`);
  assert.equal(body.items.length, 15);
  let hour = 0;
  const slot = () => new Date(Date.UTC(2027, 3, 1, 2 * hour++)).toISOString();

  for (const role of ['client', 'specialist', 'admin'] as const) {
    const { id } = await settingOf(vestnik, salon, role);
    const path = `/v1/notification-settings/${id}`;
    assert.equal((await vestnik.call('PATCH', path, { enabled: false })).status, 200);
    const others = EVERYBODY.filter((person) => ROLE_OF[person] !== role);
    assert.deepEqual(await heard(vestnik, salon, slot()), others, `${role} off`);
    assert.equal((await vestnik.call('PATCH', path, { enabled: true })).status, 200);
    assert.deepEqual(await heard(vestnik, salon, slot()), [...EVERYBODY], `${role} on again`);
  }
});

test('a row for Telegram beats the row for all channels, in both directions', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const key = { company_id: salon.companyId, event_type: 'booking_created', recipient_role: 'client' };
  const row = await vestnik.create('/v1/notification-settings', { ...key, channel: 'telegram', enabled: false });
  const path = `/v1/notification-settings/${row.id}`;
  const rest = EVERYBODY.filter((person) => person !== 'client');
  assert.deepEqual(await heard(vestnik, salon, '2027-04-01T10:00:00Z'), rest);

  const all = await vestnik.call('GET', `/v1/notification-settings?company_id=${key.company_id}&channel=all&limit=200`);
  const clientRow = all.body.items.find(
    (item: { event_type: string; recipient_role: string }) =>
      item.event_type === key.event_type && item.recipient_role === 'client',
  );
  await vestnik.call('PATCH', `/v1/notification-settings/${clientRow.id}`, { enabled: false });
  await vestnik.call('PATCH', path, { enabled: true });
  assert.deepEqual(await heard(vestnik, salon, '2027-04-01T12:00:00Z'), [...EVERYBODY]);
  await vestnik.call('DELETE', path);
  assert.deepEqual(await heard(vestnik, salon, '2027-04-01T14:00:00Z'), rest);
});

test('an ad stands under a message only while it is active and not past valid_until', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const content_tg = '<b>Скидка 20 %</b> на <a href="https://example.com/?a=1&amp;b=2">окрашивание</a>';
  const ad = await vestnik.create('/v1/ad-templates', { company_id: salon.companyId, name: 'Май', content_tg });
  const { id } = await settingOf(vestnik, salon, 'client');
  await vestnik.call('PATCH', `/v1/notification-settings/${id}`, { ad_template_id: ad.id });
  const path = `/v1/ad-templates/${ad.id}`;
  const soon = new Date(Date.now() + 60_000).toISOString();
  const ago = new Date(Date.now() - 60_000).toISOString();

  const cases: [object, boolean][] = [
    [{ active: true, valid_until: null }, true],
    [{ active: true, valid_until: soon }, true],
    [{ active: true, valid_until: ago }, false],
    [{ active: false, valid_until: soon }, false],
  ];
  for (const [index, [change, isShown]] of cases.entries()) {
    assert.equal((await vestnik.call('PATCH', path, change)).status, 200);
    await salon.book('admin', { starts_at: new Date(Date.UTC(2027, 4, 1, index)).toISOString() });
    await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, index + 1));
    const text = shown(vestnik, salon, 'client').at(-1) ?? '';
    assert.equal(text.endsWith('\n\nСкидка 20 % на окрашивание'), isShown, JSON.stringify(change));
  }
  assert.doesNotMatch(shown(vestnik, salon, 'specialist').join(), /Скидка/, 'only the row that names the ad shows it');
  const message = vestnik.telegram.messages(salon.people.client.chat)[0];
  assert.deepEqual(
    message?.entities?.map(({ type }) => type),
    ['bold', 'text_link'],
  );
});

test('who wants no ads gets none', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik, { client: { ads_opt_out: true } });
  const company_id = salon.companyId;
  const ad = await vestnik.create('/v1/ad-templates', { company_id, name: 'Май', content_tg: 'Скидка 20 %' });
  for (const role of ['client', 'specialist']) {
    const { id } = await settingOf(vestnik, salon, role);
    await vestnik.call('PATCH', `/v1/notification-settings/${id}`, { ad_template_id: ad.id });
  }
  await salon.book('admin');
  await vestnik.settled();
  assert.match(shown(vestnik, salon, 'specialist')[0] ?? '', /Скидка 20 %$/);
  assert.doesNotMatch(shown(vestnik, salon, 'client')[0] ?? 'Скидка', /Скидка/);
});
