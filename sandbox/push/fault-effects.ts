import type { Answer, Exchange } from './exchange.ts';
import type { Fault, RetryAfter } from './faults.ts';
import {
  foreignKey,
  goneSubscription,
  PushRefusal,
  tooLarge,
  unauthorized,
  unknownSubscription,
} from './push-refusal.ts';

/** Checks the message and lets it through; gives the answer it would have got, or throws its refusal. */
export type Accept = () => { answer: Answer; messageId: string };

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;
type BrokenConnection = FaultOf<'hang' | 'garbage' | 'close_before' | 'reset_before'>;
type SpoiltAnswer = FaultOf<'slow' | 'reset_after' | 'answer' | 'drip' | 'endless_body'>;
type Refusal = Exclude<Fault, BrokenConnection | SpoiltAnswer>;

const DRIP_MS = 1_000;
const ENDLESS_CHUNK = Buffer.alloc(64 * 1_024, 'a');

/** Ends an exchange in the way a fault says. The request's body has been read, unless the fault is `close_before`. */
export function meetFault(exchange: Exchange, fault: Fault, accept: Accept): void {
  switch (fault.kind) {
    case 'hang':
    case 'garbage':
    case 'close_before':
    case 'reset_before':
      breakOff(exchange, fault);
      break;
    case 'slow':
    case 'reset_after':
    case 'answer':
    case 'drip':
    case 'endless_body':
      spoil(exchange, fault, accept);
      break;
    default:
      exchange.refuse(refusalOf(fault));
  }
}

function refusalOf(fault: Refusal): PushRefusal {
  switch (fault.kind) {
    case 'not_found':
      return unknownSubscription();
    case 'gone':
      return goneSubscription();
    case 'payload_too_large':
      return tooLarge();
    case 'unauthorized':
      return unauthorized('Invalid VAPID token');
    case 'forbidden':
      return foreignKey();
    case 'server_error':
      return new PushRefusal(500, null, 'Internal Server Error');
    case 'too_many_requests':
      return new PushRefusal(429, null, 'Too Many Requests', retryHeader(fault.retryAfter));
    case 'unavailable':
      return new PushRefusal(503, 201, 'Service Unavailable', retryHeader(fault.retryAfter));
    case 'redirect':
      return new PushRefusal(fault.status, null, 'Moved', { Location: fault.location });
    default:
      return fault satisfies never;
  }
}

function retryHeader(retryAfter: RetryAfter | undefined): Record<string, string> {
  if (retryAfter === undefined) return {};
  return { 'Retry-After': retryAfter instanceof Date ? retryAfter.toUTCString() : String(retryAfter) };
}

function breakOff(exchange: Exchange, { kind }: BrokenConnection): void {
  exchange.settle({ status: 0, accepted: false, description: kind });
  if (kind === 'garbage') exchange.socket.write('220 mail.example.com ESMTP\r\n');
  if (kind === 'garbage' || kind === 'close_before') exchange.close();
  if (kind === 'reset_before') exchange.reset();
}

function spoil(exchange: Exchange, fault: SpoiltAnswer, accept: Accept): void {
  const { status = 201 } = 'status' in fault ? fault : {};
  let accepted: ReturnType<Accept> | undefined;
  try {
    if (status >= 200 && status < 300) accepted = accept();
  } catch (error) {
    exchange.refuse(error);
    return;
  }
  exchange.settle({
    status: fault.kind === 'slow' || fault.kind === 'answer' ? status : 0,
    accepted: accepted !== undefined,
    description: fault.kind,
    ...(accepted && { messageId: accepted.messageId }),
  });
  spoiltAnswer(exchange, fault, accepted?.answer ?? { status });
}

function spoiltAnswer(exchange: Exchange, fault: SpoiltAnswer, answer: Answer): void {
  switch (fault.kind) {
    case 'slow': {
      const timer = setTimeout(() => exchange.answer(answer), fault.ms);
      exchange.response.once('close', () => clearTimeout(timer));
      break;
    }
    case 'reset_after':
      exchange.reset();
      break;
    case 'answer':
      exchange.answer(fault);
      break;
    case 'drip':
      drip(exchange, fault, answer.status);
      break;
    case 'endless_body':
      pour(exchange, answer.status);
      break;
    default:
      fault satisfies never;
  }
}

function drip({ response, socket }: Exchange, { part, everyMs = DRIP_MS }: FaultOf<'drip'>, status: number): void {
  if (part === 'head') socket.write(`HTTP/1.1 ${status} Slow\r\nX-Slow: `);
  else response.writeHead(status, { 'Content-Type': 'text/plain' }).flushHeaders();
  const timer = setInterval(() => (part === 'head' ? socket : response).write('a'), everyMs);
  response.once('close', () => clearInterval(timer));
}

function pour({ response }: Exchange, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  const more = (): void => {
    let isFlowing = true;
    while (isFlowing && !response.destroyed) isFlowing = response.write(ENDLESS_CHUNK);
  };
  response.on('drain', more);
  more();
}
