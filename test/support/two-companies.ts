import type { TestContext } from 'node:test';
import { ENTITIES } from '#src/db/entities.ts';
import { Delivery } from '#src/db/event-entities.ts';
import { createDeadLetterService } from '#src/dead-letters/dead-letter-service.ts';
import { lanePartitions } from '#src/dispatch/lanes.ts';
import { createLog } from '#src/observability/log.ts';
import { connectRedis, untilReady } from '#src/redis/connection.ts';
import { bookingBody, makeSalon, startTestApi, type TestApi, type TestSalon } from './api.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

/** Stands in every text of the other company, and in no other. */
export const CANARY = 'Canary';
const STREAMS = ['events:p2p', 'events:p2p:dead', 'events:broadcast', 'events:broadcast:dead'];

/** One of everything that a company has. */
export interface Belongings extends TestSalon {
  setting_id: number;
  template_id: number;
  booking_id: number;
  broadcast_id: number;
  event_id: string;
  letter_id: string;
  webhook_id: number;
  message_id: string;
}

/** Belongings that nobody has. */
export const MISSING: Belongings = {
  ...{ company_id: 900_001, client_id: 900_002, specialist_id: 900_003, admin_id: 900_004, service_id: 900_005 },
  ...{ location_id: 900_006, setting_id: 900_007, template_id: 900_008, booking_id: 900_009, broadcast_id: 900_010 },
  ...{ event_id: 'event-of-nobody', letter_id: 'p2p:0:1-0' },
  ...{ webhook_id: 900_011, message_id: 'msg_of_nobody' },
};

export interface TwoCompanies {
  api: TestApi;
  ours: Belongings;
  theirs: Belongings;
  /** Everything in the database and in the streams but when keys were used. */
  everything(): Promise<unknown>;
}

export async function openTwoCompanies(t: TestContext): Promise<TwoCompanies> {
  const server = await startTestRedis(t);
  const redis = connectRedis({ url: server.url, log: createLog('silent'), name: 'test' });
  t.after(() => redis.disconnect());
  await untilReady(redis, 5_000);
  const api = await startTestApi(t, {
    deadLetters: createDeadLetterService({ redis, partitions: lanePartitions({ prefix: '', p2pPartitions: 1 }) }),
  });
  const ours = await fill(api, server, 'Ours');
  const theirs = await fill(api, server, CANARY);

  async function everything(): Promise<unknown> {
    const tables = ENTITIES.map(({ meta }) => meta.tableName);
    const rows = await Promise.all(
      tables.map((table) => api.database.read().execute<object[]>(`SELECT * FROM ${table} ORDER BY 1`)),
    );
    const entries = await Promise.all(STREAMS.map((stream) => redis.xrange(stream, '-', '+')));
    const withoutUse = rows.flat().map((row) => ({ ...row, last_used_at: null }));
    return { rows: withoutUse, entries, published: [...api.published] };
  }
  return { api, ours, theirs, everything };
}

async function fill(api: TestApi, { redis }: TestRedis, name: string): Promise<Belongings> {
  const salon = await makeSalon(api);
  const { company_id } = salon;
  const make = async (path: string, body: object): Promise<number> =>
    (await api.ok('POST', path, { company_id, ...body })).id;
  const rename = (path: string, id: number) => api.ok('PATCH', `/v1/${path}/${id}`, { name });
  await rename('companies', company_id);
  await rename('services', salon.service_id);
  await rename('locations', salon.location_id);
  for (const id of [salon.client_id, salon.specialist_id, salon.admin_id]) await rename('users', id);
  for (const owner of [`users/${salon.specialist_id}`, `locations/${salon.location_id}`])
    await api.ok('PUT', `/v1/${owner}/schedule`, { weekly: {}, days_off: ['2026-12-31'] });
  const template_id = await make('/v1/ad-templates', { name, content_tg: name });
  const settings = await api.ok('GET', `/v1/notification-settings?company_id=${company_id}`);
  const booking_id = await make('/v1/bookings', { ...bookingBody(salon), external_id: name });
  const content = { tg_html: name };
  const broadcast_id = await make('/v1/broadcasts', { audience: {}, content, send_at: '2027-01-01T00:00:00Z' });
  const event_id = `event-of-${company_id}`;
  const about = { company_id, event_id, event_type: 'booking_created', booking_id, role: 'client' };
  const ended = { channel: 'telegram', status: 'dead', reason: name, attempts: 3, finished_at: new Date() } as const;
  await api.database.write((tx) => tx.insert(Delivery, { ...about, ...ended, user_id: salon.client_id }));
  const event = JSON.stringify({ id: event_id, type: 'booking_created', company_id, booking_id });
  const letter = { event, recipient: `user:${salon.client_id}`, last_error: name, attempts: '3' };
  const entryId = await redis.xadd('events:p2p:dead', '*', ...Object.entries(letter).flat());
  const letter_id = `p2p:0:${entryId}`;
  const webhook_id = await make('/v1/webhook-endpoints', { url: `https://hooks.example/${name}` });
  const { message_id } = await api.ok('POST', `/v1/webhook-endpoints/${webhook_id}/test`);
  const setting_id = settings.items[0].id;
  const made = { setting_id, template_id, booking_id, broadcast_id, event_id, letter_id, webhook_id, message_id };
  return { ...salon, ...made };
}
