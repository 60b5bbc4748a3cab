import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Certificates, makeCertificates } from './certificates.ts';

export interface TlsServer {
  server: Server;
  /** `https://hostname:port` */
  origin: string;
  /** PEM of the authority that a client must trust. */
  ca: string;
  /** The TCP connection below a TLS one, which alone can be reset. */
  transportOf(socket: Socket): Socket | undefined;
}

const HOST = '127.0.0.1';
/** Longer than the idle time of usual clients, so that the server never closes a connection just being used. */
const KEEP_ALIVE_MS = 75_000;
/** As origins leave it out (RFC 6454, section 6.1). */
const HTTPS_PORT = 443;

export async function startTlsServer({
  hostname,
  port,
  certificates,
  closers,
}: {
  hostname: string;
  port: number;
  certificates: Certificates | undefined;
  /** Gets what stops the server. */
  closers: (() => Promise<void>)[];
}): Promise<TlsServer> {
  const { ca, cert, key } = certificates ?? (await makeCertificates(hostname));
  const server = createServer({ cert, key });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const transports = new Map<string, Socket>();
  server.on('connection', (transport: Socket) => {
    const name = peerName(transport);
    transports.set(name, transport);
    transport.once('close', () => transports.delete(name));
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  closers.push(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const transport of transports.values()) transport.destroy();
    server.closeAllConnections();
    await closed;
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    server,
    ca,
    origin: bound === HTTPS_PORT ? `https://${hostname}` : `https://${hostname}:${bound}`,
    transportOf: (socket) => transports.get(peerName(socket)),
  };
}

const peerName = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
