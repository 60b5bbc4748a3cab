import type { Logger } from '../../observability/log.ts';
import type { AllowedHosts } from './allowed-hosts.ts';
import { checkEndpoint } from './check-endpoint.ts';
import { refusal, type WebPushFailure, type WebPushSendResult } from './classify-push-answers.ts';
import { createPayloadEncryptor } from './encrypt-payload.ts';
import { startExpiry } from './expiry.ts';
import { type Resolve, resolveBySystem } from './guarded-lookup.ts';
import { createOriginHealth } from './origin-health.ts';
import type { PushNotification } from './push-notification.ts';
import type { PushOptions } from './push-options.ts';
import { createPushOrigins } from './push-origins.ts';
import { calledOff, createPushSender, held } from './push-sender.ts';
import { parseSubscriptionKeys } from './subscription-keys.ts';
import { createVapidAuthorization } from './vapid-authorization.ts';
import type { VapidKeys } from './vapid-keys.ts';

/** A send is given up after this, waiting for its turn and a second try included. Shorter than a stopping process waits. */
const SEND_DEADLINE_MS = 8000;

/** One device; a row of `push_subscriptions` fits. */
export interface PushTarget {
  endpoint: string;
  p256dh: string;
  auth: string;
  /** The VAPID public key that the subscription was made with. */
  vapid_key: string;
}

export interface WebPushChannel {
  /** One message to one device. Never rejects for what a push service, the network or a stored subscription did. */
  send(
    target: PushTarget,
    notification: PushNotification,
    options: PushOptions,
    signal: AbortSignal,
  ): Promise<WebPushSendResult>;
  /** Null while the push services take messages, else why one does not. */
  trouble(): string | null;
  /** Ends the connections; what is on the way comes back as it stands. Idempotent. */
  stop(): Promise<void>;
}

/** @throws {Error} `ca` holds no certificate. */
export function createWebPushChannel(deps: {
  vapid: VapidKeys;
  allowedHosts: AllowedHosts;
  /** PEM certificates, trusted beside those of the system. */
  ca?: string | undefined;
  clock(): Date;
  log: Logger;
  resolve?: Resolve;
  sendDeadlineMs?: number;
}): WebPushChannel {
  const { vapid, allowedHosts, clock, log, sendDeadlineMs = SEND_DEADLINE_MS, resolve = resolveBySystem } = deps;
  const origins = createPushOrigins({ ca: deps.ca, resolve });
  const health = createOriginHealth(deps);
  let isStopped = false;
  let isForeignKeyTold = false;
  const sendJob = createPushSender({
    authorization: createVapidAuthorization({ keys: vapid, clock }),
    encrypt: createPayloadEncryptor(),
    health,
    clock,
    isStopped: () => isStopped,
  });

  /** Told once a process: after keys were changed on purpose it goes on for weeks. */
  function foreignKey(): WebPushFailure {
    if (!isForeignKeyTold)
      log.error({}, 'Subscriptions made with other VAPID keys get nothing: were the keys changed?');
    isForeignKeyTold = true;
    const message = 'the subscription was made with another VAPID key';
    return { kind: 'key_mismatch', failure: { code: 'web_push_foreign_key', message } };
  }

  return {
    async send(target, notification, options, signal) {
      if (isStopped || signal.aborted) return calledOff();
      const endpoint = checkEndpoint(target.endpoint, allowedHosts);
      if (typeof endpoint === 'string') return refusal(endpoint);
      const keys = parseSubscriptionKeys(target);
      if (typeof keys === 'string') return refusal(keys);
      if (target.vapid_key !== vapid.publicKey) return foreignKey();
      const origin = origins.of(endpoint, clock().getTime());
      const heldForMs = health.heldForMs(origin);
      if (heldForMs > 0) return held(heldForMs);
      const expiry = startExpiry(signal, sendDeadlineMs);
      try {
        return await sendJob({ endpoint, keys, origin, notification, options, expiry });
      } finally {
        expiry.clear();
      }
    },
    trouble: () => health.trouble(origins.all()),
    async stop() {
      isStopped = true;
      await origins.close();
    },
  };
}
