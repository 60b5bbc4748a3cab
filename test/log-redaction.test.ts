import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Delivery } from '#src/db/event-entities.ts';
import { eventually } from './support/eventually.ts';
import { phoneOf } from './support/phone.ts';
import { startPush } from './support/push.ts';
import { openSalon, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';
import { startWatchedApp, type WatchedApp } from './support/watched-app.ts';

/** Nobody is called so. */
const CANARIES = {
  client: 'Канарейка-Клиент',
  specialist: 'Канарейка-Мастер',
  admin: 'Kanareika-Admin',
  service: 'Канарейка-Стрижка',
  location: 'Канарейка-Центр',
  company: 'Канарейка-Салон',
  text: 'Канарейка-Текст',
  phone: '+7 987 654-32-10',
  event: 'kanareika-event-+79876543210',
  external: 'kanareika-external',
};
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SECRETS = [/[Кк]анарейк/, /[Kk]anareika/, /987.?654/, /9876543210/];

type Call = Vestnik['call'];

/** Asks the process that is watched. */
function callerOf(app: WatchedApp, key: string): Call {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${app.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
}

/** What clients get wrong, with what is theirs in it. */
async function askWrongly(call: Call, salon: Salon): Promise<void> {
  const { client, phone } = CANARIES;
  await call('POST', '/v1/users', { company_id: salon.companyId, role: 'client', name: client, phone: { phone } });
  await call('POST', '/v1/users', `{"name": "${client}", "phone": ${phone}`);
  await call('GET', `/v1/users?name=${encodeURIComponent(client)}&nothing=${encodeURIComponent(phone)}`);
  await call('GET', `/v1/${encodeURIComponent(client)}/${encodeURIComponent(phone)}`);
  await call('POST', '/v1/users', { company_id: salon.companyId, role: 'client', name: `${client}\u0000`, phone });
  await call('GET', '/v1/users', undefined, { authorization: `Bearer ${CANARIES.external}-key` });
  await call('POST', '/v1/events', { id: CANARIES.event, type: client, company_id: 1, booking_id: 1 });
  await call('GET', `/booking.ics?token=${CANARIES.external}`);
}

async function openCanaries(vestnik: Vestnik, call: Call): Promise<Salon> {
  const salon = await openSalon(vestnik, {
    client: { name: CANARIES.client, phone: CANARIES.phone, tg_id: null },
    specialist: { name: CANARIES.specialist, phone: CANARIES.phone },
    admin: { name: CANARIES.admin, phone: CANARIES.phone },
  });
  const { companyId, locationId, serviceId } = salon;
  await call('PATCH', `/v1/companies/${companyId}`, { name: CANARIES.company });
  await call('PATCH', `/v1/locations/${locationId}`, { name: CANARIES.location });
  await call('PATCH', `/v1/services/${serviceId}`, { name: CANARIES.service });
  return salon;
}

test('no line of the log holds a name, a phone, a text, a token, a key or an endpoint, at any level', async (t) => {
  const push = await startPush(t);
  const vestnik = await startVestnik(t, { env: { ...push.env, ROLES: 'api' } });
  const app = await startWatchedApp(t, { ...vestnik.env, ROLES: 'api,worker,bot,scheduler', LOG_LEVEL: 'trace' });
  const key = vestnik.env.ADMIN_API_KEY ?? '';
  const call = callerOf(app, key);
  const salon = await openCanaries(vestnik, call);
  const browser = push.createVirtualBrowser();
  const { endpoint } = await push.subscribe(vestnik, salon, 'client', browser);
  await askWrongly(call, salon);

  const { people, companyId } = salon;
  vestnik.telegram.fault(people.specialist.chat, { kind: 'server_error' }, { times: 1 });
  vestnik.telegram.fault(people.other_admin.chat, { kind: 'server_error' });
  vestnik.telegram.fault(people.admin.chat, { kind: 'cant_parse_entities' }, { times: 1 });
  const booking = {
    company_id: companyId,
    client_id: people.client.id,
    specialist_id: people.specialist.id,
    service_id: salon.serviceId,
    location_id: salon.locationId,
    starts_at: '2027-01-28T11:00:00Z',
    external_id: CANARIES.external,
  };
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
  const booked = await call('POST', '/v1/bookings', booking, { traceparent });
  assert.equal(booked.status, 201);
  await vestnik.settled();
  const phone = phoneOf(vestnik, salon, 'specialist');
  await phone.press(phone.newest(), 'bke:menu');
  vestnik.telegram.sendText(people.specialist.chat, CANARIES.text);
  await call('POST', '/v1/bookings', booking);
  await call('POST', '/v1/events', [
    { id: CANARIES.event, type: 'booking_created', company_id: companyId, booking_id: booked.body.id },
    { id: `${CANARIES.event}-2`, type: 'booking_created', company_id: companyId, booking_id: 987_654 },
  ]);
  await vestnik.redis.redis.xadd('events:p2p', '*', 'event', `{"type":"booking_created","name":"${CANARIES.client}"}`);
  await call('POST', '/v1/broadcasts', { company_id: companyId, audience: {}, content: { tg_html: CANARIES.text } });
  await vestnik.settled();

  await call('POST', `/v1/bookings/${booked.body.id}/cancel`);
  await vestnik.settled();
  await eventually(async () => {
    const dead = await vestnik.database.read().count(Delivery, { status: 'dead' });
    assert.equal(dead >= 1, true);
  });
  await vestnik.redis.kill();
  await call('POST', '/v1/events', { type: 'booking_created', company_id: companyId, booking_id: booked.body.id });
  await vestnik.redis.start();
  assert.equal(await app.terminate(), 0);

  const output = app.output();
  const [, botSecret = ''] = (vestnik.env.TELEGRAM_BOT_TOKEN ?? '').split(':');
  const privateKey = push.env.VAPID_PRIVATE_KEY ?? '';
  const own = [key, `424242:${botSecret}`, endpoint, new URL(endpoint).pathname, privateKey];
  const leaks = output.split('\n').filter((line) => {
    return SECRETS.some((secret) => secret.test(line)) || own.some((secret) => line.includes(secret));
  });
  assert.deepEqual(leaks, []);

  const ofTrace = app.lines().filter(({ trace_id }) => trace_id === TRACE);
  const said = (msg: string) => ofTrace.filter((line) => line.msg === msg);
  assert.equal(said('request').length, 1);
  assert.equal(said('delivery delivered').length >= 3, true);
  assert.equal(said('an attempt to deliver failed').length >= 3, true);
  const [dead] = said('delivery dead');
  assert.deepEqual(
    { level: dead?.level, company_id: dead?.company_id, user_id: dead?.user_id, reason: dead?.reason },
    { level: 50, company_id: companyId, user_id: people.other_admin.id, reason: 'telegram_500' },
  );
});
