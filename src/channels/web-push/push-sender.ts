import type { PushEndpoint } from './check-endpoint.ts';
import { classifyPushExchange, refusal, type WebPushFailure, type WebPushSendResult } from './classify-push-answers.ts';
import type { PayloadEncryptor } from './encrypt-payload.ts';
import type { Expiry } from './expiry.ts';
import { isVouchedFor, type OriginHealth } from './origin-health.ts';
import {
  encodeNotification,
  PAYLOAD_MAX_BYTES,
  type PushNotification,
  SHORT_PAYLOAD_MAX_BYTES,
} from './push-notification.ts';
import type { PushOptions } from './push-options.ts';
import type { PushOrigin } from './push-origin.ts';
import { type PushExchange, postOnce } from './push-request.ts';
import type { SubscriptionKeys } from './subscription-keys.ts';
import type { VapidAuthorization } from './vapid-authorization.ts';

/** After its turn did not come in time. */
const BUSY_RETRY_MS = 1000;

/** A message that has passed all checks. */
export interface PushJob {
  endpoint: PushEndpoint;
  keys: SubscriptionKeys;
  origin: PushOrigin;
  notification: PushNotification;
  options: PushOptions;
  expiry: Expiry;
}

/** How the next attempt is made. */
interface Attempt {
  maxBytes: number;
  /** Of the message as it was sent last, before encryption. */
  payloadBytes: number;
  token: string;
  /** The token was signed, or known to be newer, after another had been refused. */
  isTokenNew: boolean;
}

/** Sends a job, and once more where the service asks for a shorter message or refuses a token. */
export type PushSender = (job: PushJob) => Promise<WebPushSendResult>;

export function createPushSender(deps: {
  authorization: VapidAuthorization;
  encrypt: PayloadEncryptor;
  health: OriginHealth;
  clock(): Date;
  isStopped(): boolean;
}): PushSender {
  const { authorization, encrypt, health, clock, isStopped } = deps;

  async function attemptOnce(job: PushJob, attempt: Attempt): Promise<WebPushSendResult> {
    const payload = encodeNotification(job.notification, attempt.maxBytes);
    if (payload === null) return tooLarge(attempt.maxBytes);
    attempt.payloadBytes = payload.length;
    const body = sealed(job.keys, payload);
    if (body === null) return refusal('bad_p256dh');
    const request = { path: job.endpoint.path, headers: headersOf(job.options, attempt.token, clock()), body };
    return judge(job, attempt, await postOnce(job.origin.dispatcher, request, job.expiry));
  }

  function sealed(keys: SubscriptionKeys, payload: Buffer): Buffer | null {
    try {
      return encrypt(keys, payload);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY') return null;
      throw error;
    }
  }

  function judge({ endpoint, origin, expiry }: PushJob, attempt: Attempt, exchange: PushExchange): WebPushSendResult {
    // Nothing is learned of the service when it was we who called it off, or had no connection to spare.
    if (exchange.kind === 'unsent' && (isStopped() || expiry.ended() === 'aborted')) return calledOff();
    if (exchange.kind === 'unsent' && expiry.ended() === 'deadline') return busy();
    if (exchange.kind === 'answered') origin.hasAnswered = true;
    const result = classifyPushExchange(exchange, isVouchedFor(origin, endpoint), clock());
    if (result.kind === 'key_refused' && !attempt.isTokenNew) return result;
    return health.note(origin, endpoint, result);
  }

  /** When the origin has a connection to spare; not later than the send's own end. */
  function inTurn({ origin, expiry }: PushJob, work: () => Promise<WebPushSendResult>): Promise<WebPushSendResult> {
    return new Promise((resolve, reject) => {
      expiry.tell((why) => resolve(why === 'aborted' ? calledOff() : busy()));
      const start = async () => {
        if (expiry.ended() !== null) return;
        const heldForMs = health.heldForMs(origin);
        if (isStopped()) resolve(calledOff());
        else if (heldForMs > 0) resolve(held(heldForMs));
        else resolve(await work());
      };
      origin.limit(start).catch(reject);
    });
  }

  return async (job) => {
    const { name } = job.origin;
    const token = authorization.headerFor(name);
    const attempt: Attempt = { maxBytes: PAYLOAD_MAX_BYTES, payloadBytes: 0, token, isTokenNew: false };
    for (;;) {
      const result = await inTurn(job, () => attemptOnce(job, attempt));
      if (result.kind === 'too_large' && attempt.payloadBytes > SHORT_PAYLOAD_MAX_BYTES) {
        attempt.maxBytes = SHORT_PAYLOAD_MAX_BYTES;
        attempt.payloadBytes = 0;
      } else if (result.kind === 'key_refused' && !attempt.isTokenNew) {
        attempt.token = authorization.replace(name, attempt.token);
        attempt.isTokenNew = true;
      } else return result;
    }
  };
}

/** Names and values in turn; of a request that is written now. */
export function headersOf(options: PushOptions, token: string, now: Date): string[] {
  const ttlSeconds = Math.floor((options.expiresAt.getTime() - now.getTime()) / 1000);
  return [
    ...['authorization', token],
    // 0: for a device at hand, or nobody (RFC 8030, section 5.2).
    ...['ttl', String(Math.max(0, ttlSeconds))],
    ...['urgency', options.urgency],
    ...['topic', options.topic],
    ...['content-encoding', 'aes128gcm'],
    ...['content-type', 'application/octet-stream'],
  ];
}

/** We are stopping, or the caller is. */
export function calledOff(): WebPushFailure {
  return { kind: 'channel_down', failure: { code: 'web_push_stopped', message: 'the send was called off' } };
}

/** The origin asked to be left alone. */
export function held(waitMs: number): WebPushFailure {
  return postponed('web_push_held', waitMs);
}

function busy(): WebPushFailure {
  return postponed('web_push_busy', BUSY_RETRY_MS);
}

function postponed(code: string, waitMs: number): WebPushFailure {
  return { kind: 'rate_limited', retryAfterMs: waitMs, failure: { code, message: `nothing sent for ${waitMs} ms` } };
}

function tooLarge(maxBytes: number): WebPushFailure {
  return { kind: 'too_large', failure: { code: 'web_push_too_large', message: `does not fit ${maxBytes} bytes` } };
}
