import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { BoundedList } from './bounded-list.ts';
import { checkEncryptedBody } from './encrypted-body.ts';
import { Exchange } from './exchange.ts';
import { type Accept, meetFault } from './fault-effects.ts';
import type { FaultScript } from './faults.ts';
import { parseMessageHeaders } from './message-headers.ts';
import type { PushMessage, Subscription } from './push-message.ts';
import { foreignKey, goneSubscription, PushRefusal, unknownSubscription } from './push-refusal.ts';
import type { RecordedPush } from './request-log.ts';
import { ENDPOINT_PATH, type Subscriptions } from './subscriptions.ts';
import type { VapidGate } from './vapid.ts';

export interface PushEndpointDeps {
  origin: string;
  subscriptions: Subscriptions;
  vapid: VapidGate;
  faults: FaultScript;
  log: BoundedList<RecordedPush>;
  wallClock: () => number;
  /** The TCP connection below a TLS one. */
  transportOf: (socket: Socket) => Socket | undefined;
  /** A request came in or ended, or a message reached its browser. */
  onProgress: () => void;
}

/** Beyond what is refused as too large, the rest is not even read. */
const MAX_READ_BYTES = 64 * 1_024;
const MESSAGE_ID_BYTES = 24;

/** Answers `POST /wpush/v2/<token>` (RFC 8030, section 5). */
export function createPushEndpoint(deps: PushEndpointDeps) {
  const { origin, faults, log, wallClock, transportOf, onProgress } = deps;
  return (request: IncomingMessage, response: ServerResponse): void => {
    const endpoint = `${origin}${request.url ?? '/'}`;
    let body: Buffer | null = null;
    const record: RecordedPush = {
      endpoint,
      headers: request.headers,
      at: performance.now(),
      wall: wallClock(),
      bodyBytes: null,
      payload: () => (body ? decrypted(deps.subscriptions, request.url, body) : null),
      outcome: null,
    };
    log.add(record);
    const exchange = new Exchange(request, response, { record, transport: transportOf(request.socket), onProgress });
    const accept: Accept = () => acceptMessage(request, body, deps);
    const fault = faults.next(endpoint);
    if (fault?.kind === 'close_before') meetFault(exchange, fault, accept);
    else
      readBody(request, (whole) => {
        record.bodyBytes = whole.length;
        body = whole.length === 0 ? null : whole;
        if (fault) meetFault(exchange, fault, accept);
        else answer(exchange, accept);
      });
  };
}

function answer(exchange: Exchange, accept: Accept): void {
  let accepted: ReturnType<Accept>;
  try {
    accepted = accept();
  } catch (error) {
    exchange.refuse(error);
    return;
  }
  exchange.settle({ status: accepted.answer.status, accepted: true, messageId: accepted.messageId });
  exchange.answer(accepted.answer);
}

/** @throws {PushRefusal} in the order of autopush's checks. */
function acceptMessage(
  request: IncomingMessage,
  body: Buffer | null,
  { origin, subscriptions, vapid, wallClock }: PushEndpointDeps,
): ReturnType<Accept> {
  const subscription = requestedSubscription(request, { origin, subscriptions });
  const signer = vapid.signerOf(request.headers.authorization);
  if (signer !== subscription.applicationServerKey) throw foreignKey();
  if (subscription.gone) throw goneSubscription();
  if (body) checkEncryptedBody(body);
  const headers = parseMessageHeaders(request.headers, { hasBody: body !== null });
  const id = randomBytes(MESSAGE_ID_BYTES).toString('base64url');
  const message: PushMessage = { ...headers, id, subscription, body, sentAt: wallClock() };
  subscription.receiver.take(message);
  // RFC 8030, section 5: Location names the message; section 5.2: TTL says how long it is kept.
  const answerHeaders = { Location: `${origin}/m/${id}`, TTL: String(headers.ttl) };
  return { answer: { status: 201, headers: answerHeaders }, messageId: id };
}

function requestedSubscription(
  request: IncomingMessage,
  { origin, subscriptions }: { origin: string; subscriptions: Subscriptions },
): Subscription {
  // RFC 9110, section 7.4: a request for another host is not meant for this one.
  if (`https://${request.headers.host}` !== origin) throw new PushRefusal(421, null, 'Misdirected Request');
  const subscription = subscriptionAt(subscriptions, request.url);
  if (!subscription) throw unknownSubscription();
  if (request.method !== 'POST') throw new PushRefusal(405, null, 'Method Not Allowed', { Allow: 'POST' });
  return subscription;
}

const subscriptionAt = (subscriptions: Subscriptions, path = '/'): Subscription | undefined =>
  path.startsWith(ENDPOINT_PATH) ? subscriptions.find(path.slice(ENDPOINT_PATH.length)) : undefined;

function decrypted(subscriptions: Subscriptions, path: string | undefined, body: Buffer): string | null {
  try {
    return subscriptionAt(subscriptions, path)?.receiver.decrypt(body)?.toString() ?? null;
  } catch {
    // Not for these keys, or no message at all: what a browser drops without a word.
    return null;
  }
}

/** Hands on the body once it is in; one that is far too long is cut where reading stops. */
function readBody(request: IncomingMessage, handle: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const end = (): void => {
    request.removeListener('data', take);
    request.removeListener('end', end);
    handle(Buffer.concat(chunks));
    request.resume();
  };
  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_READ_BYTES) end();
  };
  request.on('data', take);
  request.once('end', end);
}
