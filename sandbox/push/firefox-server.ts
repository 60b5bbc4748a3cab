import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { BoundedList } from './bounded-list.ts';
import { createFirefoxDevice, type FirefoxDevice } from './firefox-device.ts';
import { type ClientMessage, parseClientMessage, type ServerMessage } from './firefox-messages.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What Firefox said it did with a message. */
export interface Acknowledgement {
  kind: 'ack' | 'nack';
  /** The last part of the message's `Location`. */
  messageId: string;
  /** For an ack: 100 delivered to the worker, 101 not decrypted, 102 not delivered; for a nack: 301 to 303. */
  code: number | null;
  /** Unix time in milliseconds. */
  wall: number;
}

export interface FirefoxServer {
  /** `ws://127.0.0.1:PORT/`, for the preference dom.push.serverURL. */
  url: string;
  /** How many have said hello and are connected. */
  connected(): number;
  /** Cuts every connection; Firefox comes back with its uaid. */
  disconnectAll(): void;
  /** Forgets every uaid too: Firefox, given a new one, tells its workers to subscribe anew. */
  forgetAll(): void;
  stop(): Promise<void>;
}

export interface FirefoxServerDeps {
  port: number;
  subscriptions: Subscriptions;
  acknowledgements: BoundedList<Acknowledgement>;
  wallClock: () => number;
  onProgress: () => void;
}

const HOST = '127.0.0.1';
const SUBPROTOCOL = 'push-notification';
/** How long autopush waits for the hello. */
const HELLO_DEADLINE_MS = 5_000;
const MAX_MESSAGE_BYTES = 64 * 1_024;
/** RFC 6455, section 7.4.1. */
const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;

/** Mozilla's push WebSocket (autopush-rs, autoconnect). It knows no broadcasts, so it answers none. */
export async function startFirefoxServer(deps: FirefoxServerDeps): Promise<FirefoxServer> {
  const { port, onProgress } = deps;
  const devices = new Map<string, FirefoxDevice>();
  const connections = new Map<FirefoxDevice, WebSocket>();
  const server = new WebSocketServer({
    host: HOST,
    port,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (protocols) => protocols.has(SUBPROTOCOL) && SUBPROTOCOL,
  });
  await once(server, 'listening');

  /** A profile that connects twice is listened to where it came last. */
  const greet = (socket: WebSocket, uaid: string | null | undefined): FirefoxDevice => {
    const device = devices.get(uaid ?? '') ?? createFirefoxDevice(deps);
    devices.set(device.uaid, device);
    connections.get(device)?.close(NORMAL);
    connections.set(device, socket);
    send(socket, { messageType: 'hello', uaid: device.uaid, status: 200, use_webpush: true, broadcasts: {} });
    const disconnect = device.connect((message) => send(socket, message));
    socket.once('close', () => {
      disconnect();
      if (connections.get(device) === socket) connections.delete(device);
      onProgress();
    });
    return device;
  };

  server.on('connection', (socket) => {
    let device: FirefoxDevice | undefined;
    const timer = setTimeout(() => socket.close(NORMAL), HELLO_DEADLINE_MS);
    socket.once('close', () => clearTimeout(timer));
    // What the library refuses (too long, no UTF-8) it closes itself; the error says no more.
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: RawData, isBinary) => {
      const message = isBinary ? null : parseClientMessage(String(data));
      if (!message || (message.messageType === 'hello') === (device !== undefined)) return socket.close(PROTOCOL_ERROR);
      if (message.messageType === 'hello') {
        clearTimeout(timer);
        device = greet(socket, message.uaid);
      } else if (device) converse(socket, device, message, deps);
      onProgress();
    });
  });

  const disconnectAll = (): void => {
    for (const socket of server.clients) socket.terminate();
  };
  const address = server.address() as AddressInfo;
  return {
    url: `ws://${HOST}:${address.port}/`,
    connected: () => connections.size,
    disconnectAll,
    forgetAll() {
      for (const device of devices.values()) device.forget();
      devices.clear();
      disconnectAll();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      disconnectAll();
      await closed;
    },
  };
}

function send(socket: WebSocket, message: ServerMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

/** After the hello. */
function converse(
  socket: WebSocket,
  device: FirefoxDevice,
  message: Exclude<ClientMessage, { messageType: 'hello' }>,
  { acknowledgements, wallClock }: FirefoxServerDeps,
): void {
  const acknowledged = (kind: 'ack' | 'nack', messageId: string, code: number | null): void =>
    acknowledgements.add({ kind, messageId, code, wall: wallClock() });

  switch (message.messageType) {
    case 'register':
      send(socket, register(device, message.channelID, message.key));
      break;
    case 'unregister':
      device.unregister(message.channelID);
      send(socket, { messageType: 'unregister', channelID: message.channelID, status: 200 });
      break;
    case 'ack':
      for (const { version, code } of message.updates) {
        device.acknowledge(version);
        acknowledged('ack', version, code ?? null);
      }
      break;
    case 'nack':
      acknowledged('nack', message.version, message.code ?? null);
      break;
    case 'ping':
      send(socket, {});
      break;
    case 'broadcast_subscribe':
      break;
    default:
      message satisfies never;
  }
}

/** Without a key there is no restricted subscription (RFC 8292, section 4), and this service knows no others. */
function register(device: FirefoxDevice, channelID: string, key: string | null | undefined): ServerMessage {
  try {
    const pushEndpoint = device.register(channelID, key ?? '');
    return { messageType: 'register', channelID, status: 200, pushEndpoint };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { messageType: 'register', channelID, status: 400, pushEndpoint: 'Failed to generate endpoint' };
  }
}
