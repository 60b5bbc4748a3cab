import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import ece from 'http_ece';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { allowHosts } from './allowed-hosts.ts';
import type { Resolve } from './guarded-lookup.ts';
import { generateVapidKeys, type VapidKeys } from './vapid-keys.ts';
import { createWebPushChannel, type PushTarget, type WebPushChannel } from './web-push-channel.ts';

/** Whatever a push service may do to us, over TLS on a port of its own. */
export interface PushServer {
  /** `127.0.0.1:PORT`. */
  host: string;
  ca: string;
  requests: { path: string; headers: NodeJS.Dict<string | string[]>; body: Buffer; socket: Socket }[];
  connections: Set<TLSSocket>;
  /** Connections ever made. */
  handshakes: number;
  /** What the next and all further requests get. */
  answer: RequestListener;
  stop(): Promise<void>;
}

let certificate: Promise<{ private: string; cert: string }> | undefined;

function makeCertificate() {
  certificate ??= generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return certificate;
}

export const answer =
  (status: number, headers: Record<string, string> = {}, text = ''): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-length': String(Buffer.byteLength(text)), ...headers }).end(text);
  };

export async function startPushServer(): Promise<PushServer> {
  const { private: key, cert } = await makeCertificate();
  const server = createServer({ key, cert });
  const pushServer: PushServer = {
    host: '',
    ca: cert,
    requests: [],
    connections: new Set(),
    handshakes: 0,
    answer: answer(201),
    async stop() {
      for (const connection of pushServer.connections) connection.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('secureConnection', (socket) => {
    pushServer.connections.add(socket);
    pushServer.handshakes += 1;
    socket.on('error', () => socket.destroy());
    // Node keeps the other half open while a response is unfinished.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => pushServer.connections.delete(socket));
  });
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url: path = '', headers, socket } = request;
    pushServer.requests.push({ path, headers, body: Buffer.concat(chunks), socket });
    pushServer.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  pushServer.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return pushServer;
}

/** None of the connections that carried a request is in use any more; undici may have made new ones, for what comes next. */
export async function requestsEnded({ requests }: PushServer): Promise<void> {
  const open = requests.map(({ socket }) => socket).filter((socket) => !socket.destroyed);
  await Promise.all(open.map((socket) => new Promise<void>((done) => socket.once('close', () => done()))));
}

/** A browser with a subscription at the server. */
export function subscribe(host: string, vapid: VapidKeys, path = '/push/abc') {
  const privateKey = createECDH('prime256v1');
  const authSecret = randomBytes(16);
  const target: PushTarget = {
    endpoint: `https://${host}${path}`,
    p256dh: privateKey.generateKeys('base64url'),
    auth: authSecret.toString('base64url'),
    vapid_key: vapid.publicKey,
  };
  const decrypt = (body: Buffer) => ece.decrypt(body, { version: 'aes128gcm', privateKey, authSecret }).toString();
  return { target, decrypt };
}

/** Of the channel's clock. */
const STARTED_AT = Date.UTC(2026, 0, 28, 14);

/** A channel that may send to the server, and to others that trust the same authority, and a clock to turn. */
export function openChannel(
  server: Pick<PushServer, 'host' | 'ca'>,
  options: { sendDeadlineMs?: number; resolve?: Resolve; ca?: undefined; others?: readonly string[] } = {},
): { channel: WebPushChannel; vapid: VapidKeys; clock: { now: number }; logged: string[] } {
  const { others = [], ...channelOptions } = options;
  const vapid = { ...generateVapidKeys(), subject: 'mailto:admin@salon.example' };
  const clock = { now: STARTED_AT };
  const logged: string[] = [];
  const channel = createWebPushChannel({
    vapid,
    allowedHosts: allowHosts([server.host, ...others]),
    ca: server.ca,
    clock: () => new Date(clock.now),
    log: pino({ level: 'trace' }, { write: (line) => void logged.push(line) }),
    ...channelOptions,
  });
  return { channel, vapid, clock, logged };
}

export const NOTIFICATION = {
  title: 'Новая запись #123',
  body: 'Стрижка',
  navigate: 'https://salon.example/b/abc',
  tag: 'booking-1-123',
  lang: 'ru',
} as const;

export const OPTIONS = { expiresAt: new Date(STARTED_AT + 60_000), urgency: 'high', topic: 'topic-1' } as const;
