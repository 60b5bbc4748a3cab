import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';

const ADMIN_KEY = { authorization: 'Bearer test-admin-key' };

interface LiveOptions {
  /** With the question mark. */
  query?: string;
  headers?: Record<string, string>;
  protocols?: string[];
}

export interface LiveClient {
  socket: WebSocket;
  /** The views that were told, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into views of every shape
  told: any[];
  closed: Promise<{ code: number; reason: string }>;
}

/** A WebSocket client of `/v1/live`, with the admin key unless `headers` say otherwise; ended after the test. */
export async function openLive(t: TestContext, port: number, options: LiveOptions = {}): Promise<LiveClient> {
  const socket = connect(t, port, options);
  const told: LiveClient['told'] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data)).broadcast));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(socket, 'open');
  return { socket, told, closed };
}

export interface Refusal {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: as for the other requests of tests
  body: any;
}

/** As `openLive`, for what is refused before it becomes a WebSocket. */
export async function refusedLive(t: TestContext, port: number, options: LiveOptions = {}): Promise<Refusal> {
  const socket = connect(t, port, options);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  const headers = new Headers(response.headers as Record<string, string>);
  return { status: response.statusCode ?? 0, headers, body: JSON.parse(text) };
}

function connect(t: TestContext, port: number, { query = '', headers = ADMIN_KEY, protocols }: LiveOptions): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/live${query}`, protocols, { headers });
  // A connection that is cut is an end like any other.
  socket.on('error', () => undefined);
  t.after(() => socket.terminate());
  return socket;
}
