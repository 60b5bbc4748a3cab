import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { openCrowd } from './broadcasts.ts';
import { eventually } from './eventually.ts';
import { type Answer, startVestnik, type Vestnik } from './vestnik.ts';

const TOLERANCE_S = 300;

/** A call that was signed rightly. */
export interface ReceivedCall {
  path: string;
  id: string;
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into data of every type
  data: any;
  signatures: string[];
}

/** How a call is answered: a status, with headers, or by the function. */
export type CallAnswer = number | ((response: ServerResponse) => void);

/** A company's server, which takes nothing that is not signed as Standard Webhooks says. */
export interface WebhookReceiver {
  /** `127.0.0.1:PORT`. */
  host: string;
  calls: ReceivedCall[];
  /** Why calls were refused. */
  refused: string[];
  /** What the next and all further calls get. */
  answer: (call: ReceivedCall) => CallAnswer;
  /** Each may sign. */
  secrets: string[];
  typesOf(path?: string): string[];
}

/** @param clock of the sender */
export async function startWebhookReceiver(t: TestContext, clock = () => new Date()): Promise<WebhookReceiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    try {
      const call = read({ path: request.url ?? '', headers: request.headers, body }, receiver.secrets, clock());
      receiver.calls.push(call);
      const answer = receiver.answer(call);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(response);
    } catch (error) {
      receiver.refused.push(String(error));
      response.writeHead(400).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const receiver: WebhookReceiver = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ calls: [], refused: [], secrets: [], answer: () => 204 },
    typesOf: (path) =>
      receiver.calls.filter((call) => path === undefined || call.path === path).map(({ type }) => type),
  };
  return receiver;
}

interface RawCall {
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** Checks what a receiver checks, by code of its own. */
function read({ path, headers, body }: RawCall, secrets: readonly string[], now: Date): ReceivedCall {
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => String(headers[`webhook-${name}`]));
  assert.match(id ?? '', /^msg_[\w-]+$/);
  assert.match(timestamp ?? '', /^\d{10}$/);
  assert.equal(Math.abs(now.getTime() / 1000 - Number(timestamp)) < TOLERANCE_S, true, `sent at ${timestamp}`);
  assert.equal(headers['content-type'], 'application/json');
  const signatures = (signature ?? '').split(' ');
  const expected = secrets.map((secret) => {
    assert.match(secret, /^whsec_/);
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  const isGood = signatures.some((given) => expected.some((wanted) => areEqual(given, wanted)));
  assert.equal(isGood, true, 'the signature is wrong');
  const { type, timestamp: at, data, ...rest } = JSON.parse(body);
  assert.deepEqual(rest, {});
  assert.equal(new Date(at).toISOString(), at);
  return { path, id: id ?? '', type, data, signatures };
}

const areEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Makes an endpoint at the receiver; its secret is known there from then on. */
export async function addEndpoint(
  vestnik: Vestnik,
  receiver: WebhookReceiver,
  { company_id, path = '/hook', ...more }: { company_id: number; path?: string; event_types?: string[] },
): Promise<Answer['body']> {
  const body = { company_id, url: `http://${receiver.host}${path}`, ...more };
  const endpoint = await vestnik.create('/v1/webhook-endpoints', body);
  receiver.secrets.push(endpoint.secret);
  return endpoint;
}

/** Asks for a `webhook.test`; answers the message's id. */
export async function sendTest(vestnik: Vestnik, endpointId: number): Promise<string> {
  const { status, body } = await vestnik.call('POST', `/v1/webhook-endpoints/${endpointId}/test`);
  assert.equal(status, 202, JSON.stringify(body));
  return body.message_id;
}

/** Waits until every message of the installation has ended in this way. */
export async function untilMessages(
  vestnik: Vestnik,
  query: string,
  check: (messages: Answer['body'][]) => void,
  deadlineMs = 15_000,
): Promise<Answer['body'][]> {
  return await eventually(async () => {
    const { body } = await vestnik.call('GET', `/v1/webhook-messages?limit=200&${query}`);
    check(body.items);
    return body.items;
  }, deadlineMs);
}

/** A company without people, whose server the product may call. */
export async function openCompanyServer(
  t: TestContext,
  { clock, env }: { clock?: () => Date; env?: Record<string, string> } = {},
): Promise<{ receiver: WebhookReceiver; vestnik: Vestnik; company_id: number }> {
  const receiver = await startWebhookReceiver(t, clock);
  const vestnik = await startVestnik(t, {
    env: { WEBHOOK_ALLOWED_HOSTS: receiver.host, ...env },
    ...(clock && { clock }),
  });
  return { receiver, vestnik, company_id: (await openCrowd(vestnik, 0)).companyId };
}
