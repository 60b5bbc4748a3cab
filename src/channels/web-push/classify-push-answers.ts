import type { Failure } from '#streams/dead-letters.ts';
import { PRIVATE_ADDRESS } from './guarded-lookup.ts';
import type { PushExchange } from './push-request.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a failed push means. The only place that reads the services' words. */
export type WebPushFailure =
  /** 404, 410: the subscription has ended. It alone is deleted. */
  | { kind: 'gone'; failure: Failure }
  /** By our own records the subscription was made with another VAPID key: nothing was sent. Only the browser can renew it. */
  | { kind: 'key_mismatch'; failure: Failure }
  /** The endpoint, its address or its keys are not allowed: nothing was sent, and nothing ever will be. */
  | { kind: 'refused'; failure: Failure }
  /** 413, also for the shortened message. */
  | { kind: 'too_large'; failure: Failure }
  /** 429, 503: nothing was accepted, and the whole origin waits. */
  | { kind: 'rate_limited'; retryAfterMs: number; failure: Failure }
  /** 401, 403, also with a new token: our key or clock, so no other subscription of the origin fares better. Nothing is deleted. */
  | { kind: 'key_refused'; failure: Failure }
  /** No connection could be made, or we are stopping: nothing was sent. */
  | { kind: 'channel_down'; failure: Failure }
  /** The service answered with an error of its own, or refuses our key for this one subscription: nothing was accepted. */
  | { kind: 'failed'; failure: Failure }
  /** The request was written and no answer came: it may have been accepted. */
  | { kind: 'unknown'; failure: Failure };

/** `accepted`: by the push service. Whether anybody saw it is not known. */
export type WebPushSendResult = { kind: 'accepted' } | WebPushFailure;

const ANSWER_MAX_LENGTH = 200;

/** What the service said, on one line, without the endpoint: to know that is to be able to send. */
function wordsOf(text: string, status: number): string {
  const line = text
    .replace(/<[^>]*>|\p{Cc}/gu, ' ')
    .replace(/https?:\S*/gi, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return line === '' ? `status ${status}` : line.slice(0, ANSWER_MAX_LENGTH).toWellFormed();
}

function classifyAnswer(answer: PushExchange & { kind: 'answered' }, now: Date): WebPushSendResult {
  const { status, text } = answer;
  if (status >= 200 && status <= 299) return { kind: 'accepted' };
  const failure = { code: `web_push_${status}`, message: wordsOf(text, status) };
  switch (status) {
    case 404:
    case 410:
      return { kind: 'gone', failure };
    case 413:
      return { kind: 'too_large', failure };
    case 429:
    case 503:
      return { kind: 'rate_limited', retryAfterMs: retryAfterMs(answer.retryAfter, now), failure };
    case 401:
    case 403:
      // Also where it says that the subscription belongs to another key: by our records it belongs to this one.
      return { kind: 'key_refused', failure };
    default:
      return { kind: 'failed', failure };
  }
}

/** @param isVouchedFor the host exists: it is named on the list, or has answered before. */
export function classifyPushExchange(exchange: PushExchange, isVouchedFor: boolean, now: Date): WebPushSendResult {
  switch (exchange.kind) {
    case 'answered':
      return classifyAnswer(exchange, now);
    case 'unsent':
      return classifyUnsent(exchange.code, isVouchedFor);
    case 'unanswered':
      return { kind: 'unknown', failure: { code: 'web_push_no_answer', message: exchange.code } };
    default:
      return exchange satisfies never;
  }
}

function classifyUnsent(code: string, isVouchedFor: boolean): WebPushFailure {
  // Anybody can make up a host under a wildcard; waiting for it would be waiting for ever.
  if (!isVouchedFor && code === PRIVATE_ADDRESS) return refusal(code);
  const kind = !isVouchedFor && code === 'ENOTFOUND' ? 'failed' : 'channel_down';
  return { kind, failure: { code: 'web_push_unreachable', message: code } };
}

/** For what is wrong with the subscription itself. */
export function refusal(reason: string): WebPushFailure {
  return { kind: 'refused', failure: { code: 'web_push_refused', message: reason } };
}
