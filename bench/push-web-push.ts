import { Agent } from 'node:https';
import webpush, { type RequestOptions } from 'web-push';
import type { PushTarget } from '#src/channels/web-push/web-push-channel.ts';
import {
  CONCURRENCY,
  NOTIFICATION,
  OPTIONS,
  type PushContender,
  type PushReceiver,
  TTL_SECONDS,
  vapid,
} from './push-contender.ts';

/** What its users hand to `sendNotification`. */
export const WEB_PUSH_OPTIONS: RequestOptions = {
  vapidDetails: vapid,
  TTL: TTL_SECONDS,
  urgency: OPTIONS.urgency,
  topic: OPTIONS.topic,
};

export const subscriptionOf = ({ endpoint, p256dh, auth }: PushTarget) => ({ endpoint, keys: { p256dh, auth } });

export const payloadOf = (): string => JSON.stringify({ web_push: 8030, notification: NOTIFICATION });

/** `sendNotification` with an agent that keeps as many connections as the channel does. */
export function createWebPushWithAgent({ ca }: PushReceiver): PushContender {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY, ca });
  return {
    send: (target) => webpush.sendNotification(subscriptionOf(target), payloadOf(), { ...WEB_PUSH_OPTIONS, agent }),
    stop: async () => agent.destroy(),
  };
}

/** `sendNotification` as its documentation has it: over Node's global agent, which trusts NODE_EXTRA_CA_CERTS. */
export function createPlainWebPush(): PushContender {
  return {
    send: (target) => webpush.sendNotification(subscriptionOf(target), payloadOf(), WEB_PUSH_OPTIONS),
    stop: async () => undefined,
  };
}
