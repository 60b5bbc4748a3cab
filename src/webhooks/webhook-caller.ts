import { Agent, type Dispatcher } from 'undici';
import { startExpiry } from '../channels/web-push/expiry.ts';
import { createGuardedLookup, type Resolve } from '../channels/web-push/guarded-lookup.ts';
import { type PushExchange, postOnce } from '../channels/web-push/push-request.ts';
import { retryAfterMs } from '../channels/web-push/retry-after.ts';
import { webhookSignature } from './signature.ts';
import { createWebhookResolve } from './webhook-resolver.ts';
import { type WebhookAllowedHosts, webhookTarget } from './webhook-url.ts';

/** Absolute, from the first look-up of the name to the answer. */
const CALL_DEADLINE_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Idle connections are ours to close first: a request on one that the other side has just closed is lost. */
const KEEP_ALIVE_MS = 4_000;

/** What is called, and with what. */
export interface WebhookRequest {
  url: string;
  /** `webhook-id`. */
  id: string;
  body: string;
  /** Each signs. */
  secrets: readonly string[];
}

export type WebhookAnswer =
  /** 2xx. */
  | { kind: 'accepted'; status: number }
  /** Another answer, or none. */
  | { kind: 'refused'; status: number | null; error: string; retryAfterMs: number | null }
  /** We are stopping: nothing is known of the endpoint. */
  | { kind: 'called_off' };

export interface WebhookCaller {
  /** One POST, redirects not followed. Never rejects. */
  call(request: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer>;
  /** Ends the connections. Idempotent. */
  stop(): Promise<void>;
}

export function createWebhookCaller(deps: {
  allowedHosts: WebhookAllowedHosts;
  clock: () => Date;
  resolve?: Resolve;
  deadlineMs?: number;
}): WebhookCaller {
  const { allowedHosts, clock, resolve = createWebhookResolve(), deadlineMs = CALL_DEADLINE_MS } = deps;
  const agentOf = (connect: object): Dispatcher =>
    new Agent({
      // As many connections as calls: who is bounded is the endpoint, and many companies may have theirs at one origin.
      ...{ pipelining: 1, keepAliveTimeout: KEEP_ALIVE_MS },
      // The deadline of each call is stricter, and absolute.
      ...{ headersTimeout: 0, bodyTimeout: 0 },
      connect: { timeout: CONNECT_TIMEOUT_MS, ...connect },
    });
  const guarded = agentOf({ lookup: createGuardedLookup(resolve) });
  // Operators know these names: the system resolves them, /etc/hosts too.
  const vouchedFor = agentOf({});

  return {
    async call({ url, id, body, secrets }, signal) {
      const target = webhookTarget(url, allowedHosts);
      if (typeof target === 'string') return { kind: 'refused', status: null, error: target, retryAfterMs: null };
      const timestamp = Math.floor(clock().getTime() / 1000);
      const headers = [
        ...['content-type', 'application/json', 'user-agent', 'Vestnik'],
        ...['webhook-id', id, 'webhook-timestamp', String(timestamp)],
        ...['webhook-signature', webhookSignature(secrets, { id, timestamp, body })],
      ];
      const expiry = startExpiry(signal, deadlineMs);
      try {
        const request = { origin: target.origin, path: target.path, headers, body: Buffer.from(body) };
        const exchange = await postOnce(target.mayBePrivate ? vouchedFor : guarded, request, expiry);
        if (exchange.kind !== 'answered' && expiry.ended() === 'aborted') return { kind: 'called_off' };
        return answerOf(exchange, clock());
      } finally {
        expiry.clear();
      }
    },
    async stop() {
      await Promise.all([guarded.destroy(), vouchedFor.destroy()]);
    },
  };
}

function answerOf(exchange: PushExchange, now: Date): WebhookAnswer {
  if (exchange.kind !== 'answered') return { kind: 'refused', status: null, error: exchange.code, retryAfterMs: null };
  const { status, retryAfter } = exchange;
  if (status >= 200 && status <= 299) return { kind: 'accepted', status };
  const asked = retryAfter === null ? null : retryAfterMs(retryAfter, now);
  return { kind: 'refused', status, error: `http_${status}`, retryAfterMs: asked };
}
