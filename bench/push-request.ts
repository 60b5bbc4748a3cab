import { allowHosts } from '#src/channels/web-push/allowed-hosts.ts';
import { checkEndpoint, type PushEndpoint } from '#src/channels/web-push/check-endpoint.ts';
import { createPayloadEncryptor } from '#src/channels/web-push/encrypt-payload.ts';
import { startExpiry } from '#src/channels/web-push/expiry.ts';
import { resolveBySystem } from '#src/channels/web-push/guarded-lookup.ts';
import { encodeNotification, PAYLOAD_MAX_BYTES } from '#src/channels/web-push/push-notification.ts';
import { createPushOrigins } from '#src/channels/web-push/push-origins.ts';
import { type PushRequest, postOnce } from '#src/channels/web-push/push-request.ts';
import { headersOf } from '#src/channels/web-push/push-sender.ts';
import { parseSubscriptionKeys, type SubscriptionKeys } from '#src/channels/web-push/subscription-keys.ts';
import { createVapidAuthorization } from '#src/channels/web-push/vapid-authorization.ts';
import type { PushTarget } from '#src/channels/web-push/web-push-channel.ts';
import { NOTIFICATION, OPTIONS, type PushContender, type PushReceiver, vapid } from './push-contender.ts';

const DEADLINE_MS = 8000;

/** What the channel does before it sends, as `web-push-channel.ts` and `push-sender.ts` put it together. */
export interface RequestBuilder {
  /** @throws {Error} the channel would refuse it. */
  check(target: PushTarget): { endpoint: PushEndpoint; keys: SubscriptionKeys };
  encode(): Buffer;
  headers(origin: string): string[];
  build(target: PushTarget): PushRequest;
}

export function createRequestBuilder(origin: string): RequestBuilder {
  const allowed = allowHosts([new URL(origin).host]);
  const authorization = createVapidAuthorization({ keys: vapid, clock: () => new Date() });
  const encrypt = createPayloadEncryptor();
  const builder: RequestBuilder = {
    check(target) {
      const endpoint = checkEndpoint(target.endpoint, allowed);
      const keys = parseSubscriptionKeys(target);
      if (typeof endpoint === 'string' || typeof keys === 'string') throw new Error(`refused: ${endpoint}, ${keys}`);
      return { endpoint, keys };
    },
    encode() {
      const payload = encodeNotification(NOTIFICATION, PAYLOAD_MAX_BYTES);
      if (payload === null) throw new Error('the message is too large');
      return payload;
    },
    headers: (audience) => headersOf(OPTIONS, authorization.headerFor(audience), new Date()),
    build(target) {
      const { endpoint, keys } = builder.check(target);
      const body = encrypt(keys, builder.encode());
      return { path: endpoint.path, headers: builder.headers(endpoint.origin), body };
    },
  };
  return builder;
}

/** One ready request again and again, over the channel's own connections: HTTP and TLS without the rest. */
export function createPoster({ origin, ca }: PushReceiver): PushContender {
  const builder = createRequestBuilder(origin);
  const origins = createPushOrigins({ ca, resolve: resolveBySystem });
  let request: PushRequest | undefined;
  return {
    async send(target) {
      request ??= builder.build(target);
      const { dispatcher } = origins.of(builder.check(target).endpoint, 0);
      const expiry = startExpiry(new AbortController().signal, DEADLINE_MS);
      const exchange = await postOnce(dispatcher, request, expiry);
      expiry.clear();
      if (exchange.kind !== 'answered' || exchange.status !== 201) throw new Error(JSON.stringify(exchange));
    },
    stop: () => origins.close(),
  };
}
