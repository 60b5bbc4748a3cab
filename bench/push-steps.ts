import { createECDH, randomBytes } from 'node:crypto';
import webpush from 'web-push';
import { deriveContentKeys, sealRecord } from '#src/channels/web-push/encrypt-payload.ts';
import { inTurn, makeTargets, vapid } from './push-contender.ts';
import { createRequestBuilder } from './push-request.ts';
import { payloadOf, subscriptionOf, WEB_PUSH_OPTIONS } from './push-web-push.ts';
import type { Case, Figures } from './rounds.ts';

const RUN_MS = 300;
/** Between two looks at the clock. */
const AT_ONCE = 50;
const ORIGIN = 'https://localhost:8443';

/** Processor time of one call, and calls a second. */
async function timed(step: () => unknown): Promise<Figures> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let calls = 0;
  for (; performance.now() - startedAt < RUN_MS; calls += AT_ONCE) for (let at = 0; at < AT_ONCE; at += 1) step();
  const { user, system } = process.cpuUsage(before);
  return { 'a second': (calls * 1000) / (performance.now() - startedAt), 'CPU µs': (user + system) / calls };
}

/** A request without the network, and each step of it alone. */
export function pushSteps(): Case[] {
  const nextTarget = inTurn(makeTargets(ORIGIN));
  const builder = createRequestBuilder(ORIGIN);
  const plaintext = builder.encode();
  const { keys } = builder.check(nextTarget());
  const sender = createECDH('prime256v1');
  const senderPoint = sender.generateKeys();
  const salt = randomBytes(16);
  const sharedSecret = sender.computeSecret(keys.point);
  const contentKeys = deriveContentKeys(keys, sharedSecret, { senderPoint, salt });
  const { subject, publicKey, privateKey } = vapid;
  const encoding = 'aes128gcm';

  const steps: Record<string, () => unknown> = {
    'request alone: Vestnik': () => builder.build(nextTarget()),
    'request alone: web-push': () =>
      webpush.generateRequestDetails(subscriptionOf(nextTarget()), payloadOf(), WEB_PUSH_OPTIONS),
    'step: endpoint and keys checked': () => builder.check(nextTarget()),
    'step: notification as JSON': () => builder.encode(),
    'step: headers, VAPID from the cache': () => builder.headers(ORIGIN),
    'step: key pair (P-256)': () => sender.generateKeys(),
    'step: key agreement (ECDH)': () => sender.computeSecret(keys.point),
    'step: HKDF': () => deriveContentKeys(keys, sharedSecret, { senderPoint, salt }),
    'step: AES-128-GCM': () => Buffer.concat(sealRecord(contentKeys, plaintext)),
    'step: web-push encrypts': () => {
      const { p256dh, auth } = nextTarget();
      return webpush.encrypt(p256dh, auth, payloadOf(), encoding);
    },
    'step: web-push signs VAPID': () => webpush.getVapidHeaders(ORIGIN, subject, publicKey, privateKey, encoding),
  };
  return Object.entries(steps).map(([name, step]) => ({ name, run: () => timed(step) }));
}
