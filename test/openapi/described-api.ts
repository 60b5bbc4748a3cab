import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { allowHosts } from '#src/channels/web-push/allowed-hosts.ts';
import { StreamUnavailable } from '#src/dispatch/event-publisher.ts';
import { OPERATIONS } from '#src/http/openapi/areas.ts';
import type { Operation, OperationKey } from '#src/http/openapi/operation.ts';
import { NOW } from '#src/http/openapi/shapes.ts';
import type { HttpServerDeps } from '#src/http/server.ts';
import { createLinkSigner } from '#src/links/link-signer.ts';
import { API_KEY, startTestApi, type TestApi, VAPID_PUBLIC_KEY } from '../support/api.ts';
import { type Answered, createAnswerCheck, isProblem } from '../support/described.ts';
import { startTestRedis } from '../support/redis.ts';
import { createShelf } from './dead-letter-shelf.ts';

/** What of a request differs from the examples of its operation. */
export interface Given {
  params?: Record<string, string | number>;
  query?: Record<string, string | number | boolean>;
  /** A string goes out as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Instead of the admin key. */
  token?: string;
}

export interface DescribedReply extends Answered {
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  json: any;
}

export interface DescribedApi extends TestApi {
  /** One example of an operation. The answer must be one that the document describes. */
  send(key: OperationKey, given?: Given): Promise<DescribedReply>;
  /** As `send`; the answer must be this problem. */
  refused(key: OperationKey, code: string, given?: Given): Promise<DescribedReply>;
  /** Codes of the problems answered up to now. */
  provoked: Set<string>;
  /** The token of a link to a booking. */
  bookingToken(booking_id: number, purpose?: 'booking' | 'calendar'): string;
  /** What Redis and the shelf of dead letters do when asked. */
  faults: { redisIsAway: boolean; shelfIsBroken: boolean; redisHangs?: Promise<unknown> };
}

/** A server at the time of the examples, whose every answer must be one that is described. */
export async function startDescribedApi(
  t: TestContext,
  limits: Pick<Partial<HttpServerDeps>, 'keyRequestsPerSecond' | 'bodyDeadlineMs'> = {},
): Promise<DescribedApi> {
  const faults: DescribedApi['faults'] = { redisIsAway: false, shelfIsBroken: false };
  const linkSigner = createLinkSigner({ secret: Buffer.alloc(32, 7) });
  const api = await startTestApi(t, {
    ...limits,
    linkSigner,
    clock: () => new Date(NOW),
    deadLetters: createShelf(faults),
    redis: (await startTestRedis(t)).redis,
    async publishEvents() {
      await faults.redisHangs;
      if (faults.redisIsAway) throw new StreamUnavailable('the stream takes nothing right now');
    },
    push: {
      publicKey: VAPID_PUBLIC_KEY,
      allowedHosts: allowHosts(),
      resolve: async () => [{ address: '8.8.8.8', family: 4 }],
    },
  });
  const check = createAnswerCheck(api.routes());
  const provoked = new Set<string>();

  async function send(key: OperationKey, given: Given = {}): Promise<DescribedReply> {
    const { operation } = OPERATIONS.get(key) ?? assert.fail(`${key} is not described`);
    const reply = await request(api.port, key, { operation, given });
    const [method = '', path = ''] = key.split(' ');
    check(method, path.replace('{id}', '1'), reply);
    if (isProblem(reply)) provoked.add(reply.json.code);
    return reply;
  }

  return {
    ...api,
    send,
    provoked,
    faults,
    async refused(key, code, given) {
      const reply = await send(key, given);
      assert.equal(reply.json?.code, code, `${key}: ${reply.status} ${reply.text}`);
      return reply;
    },
    bookingToken: (booking_id, purpose = 'booking') =>
      linkSigner.sign(
        { purpose, company_id: 1, user_id: 1, booking_id, event_type: 'booking_created' },
        new Date(Date.parse(NOW) + 3_600_000),
      ),
  };
}

async function request(
  port: number,
  key: OperationKey,
  { operation, given }: { operation: Operation; given: Given },
): Promise<DescribedReply> {
  const [method = '', path = ''] = key.split(' ');
  const params: Given['params'] = { ...operation.examples?.params, ...given.params } as Given['params'];
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params?.[name])));
  const query = given.query ?? operation.examples?.query ?? {};
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const body = given.body === undefined || typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
  const response = await fetch(`http://127.0.0.1:${port}${filled}${search && `?${search}`}`, {
    method,
    headers: {
      authorization: `Bearer ${given.token ?? API_KEY}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...given.headers,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const isJson = /json$/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}
