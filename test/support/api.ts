import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Redis } from 'ioredis';
import { createBookingService } from '#src/bookings/booking-service.ts';
import { createBroadcastService } from '#src/broadcast/broadcast-service.ts';
import { allowHosts } from '#src/channels/web-push/allowed-hosts.ts';
import type { Database } from '#src/db/database.ts';
import { OutboxRow } from '#src/db/event-entities.ts';
import { createDeadLetterService } from '#src/dead-letters/dead-letter-service.ts';
import { lanePartitions } from '#src/dispatch/lanes.ts';
import type { BookingEvent } from '#src/domain/events.ts';
import type { Lane } from '#src/domain/lanes.ts';
import { createExplain } from '#src/explain/explain.ts';
import type { ApiDeps } from '#src/http/api-routes.ts';
import type { Route } from '#src/http/route.ts';
import { createHttpServer, type HttpServerDeps } from '#src/http/server.ts';
import { createKeyRing, type KeyRing } from '#src/keys/key-ring.ts';
import { createLinkSigner } from '#src/links/link-signer.ts';
import { createLinks } from '#src/links/links.ts';
import { createLog } from '#src/observability/log.ts';
import { createErasePerson } from '#src/people/erase-person.ts';
import { createExportPerson } from '#src/people/export-person.ts';
import { createClient } from '#src/redis/connection.ts';
import { cleanUp, openTestDatabase } from './database.ts';
import { createAnswerCheck } from './described.ts';

export const API_KEY = 'test-admin-key';
const PUBLIC_URL = 'https://salon.example';
/** The public key of RFC 8291's example. */
export const VAPID_PUBLIC_KEY =
  'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8';

export interface Reply {
  status: number;
  headers: Headers;
  /** The parsed body; undefined for an empty one. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export interface TestApi {
  port: number;
  database: Database;
  /** What went straight to the stream, in order. */
  published: { lane: Lane; event: BookingEvent }[];
  /** Commits that woke the relay. */
  wakes(): number;
  /**
   * With the admin key, unless `headers` say otherwise; an object body is sent as JSON, a string as it is. The answer must be one
   * that `/openapi.json` describes.
   */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** As `call`, and it must be 2xx; answers the body. */
  ok(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply['body']>;
  outbox(): Promise<BookingEvent[]>;
  stop(): Promise<void>;
  keys: KeyRing;
  /** All that the server routes. */
  routes(): readonly Route[];
}

type Options = Partial<HttpServerDeps & Omit<ApiDeps, 'bookings' | 'broadcasts'>> & {
  newEventId?: () => string;
  /** Where dead letters and work under way are; away unless given. */
  redis?: Redis;
};

/** The real server on a free port with a database of its own; stopped after the test. */
export async function startTestApi(t: TestContext, options: Options = {}): Promise<TestApi> {
  const database = options.database ?? (await openTestDatabase(t));
  const clock = options.clock ?? (() => new Date());
  const published: TestApi['published'] = [];
  const linkSigner = options.linkSigner ?? createLinkSigner({ secret: Buffer.alloc(32, 7) });
  const keys = createKeyRing({ database, clock, log: createLog('silent') });
  await keys.start();
  cleanUp(t, () => keys.stop());
  const redis = options.redis ?? noRedis();
  const partitions = lanePartitions({ prefix: '', p2pPartitions: 1 });
  const deadLetters = options.deadLetters ?? createDeadLetterService({ redis, partitions });
  let wakes = 0;
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    adminApiKey: API_KEY,
    keyRequestsPerSecond: 0,
    keyEventsPerSecond: 0,
    readiness: async () => ({ ready: true, status: 'ok', reasons: [] }),
    newId: randomUUID,
    log: createLog('silent'),
    ...options,
  });
  server.open({
    serveApi: true,
    database,
    keys,
    bookings: createBookingService({
      database,
      clock,
      newId: options.newEventId ?? randomUUID,
      onCommitted: () => {
        wakes += 1;
      },
    }),
    broadcasts: createBroadcastService({
      database,
      rates: { free: 30, paid: 1000 },
      clock,
      onCommitted: () => {
        wakes += 1;
      },
    }),
    async publishEvents(lane, events) {
      for (const event of events) published.push({ lane, event });
    },
    deadLetters,
    explain: createExplain({ database, redis, partitions, clock }),
    exportPerson: createExportPerson({ database, redis, partitions, clock }),
    erasePerson: createErasePerson({ database, deadLetters, clock }),
    liveBroadcasts: async () => [],
    metrics: async () => ({ text: '', contentType: 'text/plain' }),
    webhooks: { allowedHosts: [], resolve: async () => [{ address: '8.8.8.8', family: 4 }] },
    push: { publicKey: VAPID_PUBLIC_KEY, allowedHosts: allowHosts(['push.test']) },
    linkSigner,
    links: createLinks({ signer: linkSigner, publicUrl: PUBLIC_URL, botUsername: () => null, clock }),
    clock,
    ...options,
  });
  const { port } = await server.listen();
  cleanUp(t, () => server.stop());
  const checkAnswer = createAnswerCheck(server.routes());

  const call: TestApi['call'] = async (method, path, body, headers = {}) => {
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${API_KEY}`,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await response.text();
    checkAnswer(method, path, { status: response.status, headers: response.headers, text });
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    port,
    database,
    keys,
    published,
    wakes: () => wakes,
    call,
    async ok(method, path, body, headers) {
      const reply = await call(method, path, body, headers);
      assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
      return reply.body;
    },
    async outbox() {
      const rows = await database.read().find(OutboxRow, {}, { orderBy: { id: 'asc' } });
      return rows.map((row) => JSON.parse(row.event));
    },
    stop: () => server.stop(),
    routes: server.routes,
  };
}

/** A connection that is not there, as far as every command can tell. */
function noRedis() {
  const redis = createClient('unix:/nowhere/redis.sock', {
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  return redis.on('error', () => undefined);
}

export interface TestSalon {
  company_id: number;
  client_id: number;
  specialist_id: number;
  service_id: number;
  location_id: number;
  admin_id: number;
}

/** A company with a client, a specialist, an admin, a service of an hour and a location, made through the API. */
export async function makeSalon(api: TestApi): Promise<TestSalon> {
  const { id: company_id } = await api.ok('POST', '/v1/companies', { name: 'Салон', time_zone: 'Europe/Moscow' });
  const make = async (path: string, body: object): Promise<number> =>
    (await api.ok('POST', path, { company_id, ...body })).id;
  return {
    company_id,
    client_id: await make('/v1/users', { role: 'client', name: 'Иван Петров', phone: '+7 999 123-45-67' }),
    specialist_id: await make('/v1/users', { role: 'specialist', name: 'Анна', tg_id: 42 }),
    admin_id: await make('/v1/users', { role: 'admin', name: 'Ольга', tg_id: 43 }),
    service_id: await make('/v1/services', { name: 'Стрижка', duration_min: 60 }),
    location_id: await make('/v1/locations', { name: 'Центр' }),
  };
}

/** The body of `POST /v1/bookings` for the salon's hour. */
export function bookingBody({ company_id, client_id, specialist_id, service_id, location_id }: TestSalon) {
  return { company_id, client_id, specialist_id, service_id, location_id, starts_at: '2026-12-28T14:00:00+03:00' };
}

/** Asserts a problem document and that it names the fields. */
export function assertProblem(reply: Reply, status: number, ...fields: string[]): void {
  const said = `${reply.status} ${JSON.stringify(reply.body)}`;
  assert.equal(reply.status, status, said);
  assert.equal(reply.headers.get('content-type'), 'application/problem+json', said);
  assert.equal(reply.body.status, status, said);
  assert.equal(reply.body.type, `/problems/${reply.body.code}`, said);
  assert.ok(typeof reply.body.title === 'string' && typeof reply.body.detail === 'string', said);
  assert.deepEqual(
    (reply.body.errors ?? []).map((error: { field: string }) => error.field),
    fields,
    said,
  );
}
