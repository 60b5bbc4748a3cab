import { createECDH, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { PushNotification } from '#src/channels/web-push/push-notification.ts';
import type { PushOptions } from '#src/channels/web-push/push-options.ts';
import { generateVapidKeys, type VapidKeys } from '#src/channels/web-push/vapid-keys.ts';
import type { PushTarget } from '#src/channels/web-push/web-push-channel.ts';

/** Messages under way at once, and connections, for all. */
export const CONCURRENCY = 32;
const DEVICES = 1000;
const TOKEN_BYTES = 135;

export interface PushContender {
  /** One message to one device. Rejects unless the service took it. */
  send(target: PushTarget): Promise<unknown>;
  stop(): Promise<unknown>;
}

/** Where messages go, and whom to trust there. */
export interface PushReceiver {
  origin: string;
  /** PEM */
  ca: string;
}

export const vapid: VapidKeys = { ...generateVapidKeys(), subject: 'mailto:admin@salon.example' };

export const TTL_SECONDS = 86_400;

export const OPTIONS: PushOptions = {
  expiresAt: new Date(Date.now() + TTL_SECONDS * 1000),
  urgency: 'high',
  topic: 'DwT4ShPmQ-1lLkOBkZqy_hbC7jX2aVwE',
};

/** 419 bytes as JSON, like a rescheduled booking's. */
export const NOTIFICATION: PushNotification = {
  title: '🔄 Ваша запись перенесена',
  body: '🕐 28.01.2027 14:00 → 29.01.2027 15:30\n📍 Центр, Большая Садовая, 10\n💇 Стрижка и укладка · 90 мин\n👨‍💼 Анна Сергеевна',
  navigate: `https://salon.example/booking#${'AbCd0123'.repeat(6)}`,
  tag: 'booking-12-123456',
  lang: 'ru',
};

export const quiet = pino({ level: 'silent' });

/** Devices of their own keys, with endpoints of the length of Mozilla's. */
export function makeTargets(origin: string): PushTarget[] {
  const browser = createECDH('prime256v1');
  return Array.from({ length: DEVICES }, () => ({
    endpoint: `${origin}/wpush/v2/${randomBytes(TOKEN_BYTES).toString('base64url')}`,
    p256dh: browser.generateKeys('base64url'),
    auth: randomBytes(16).toString('base64url'),
    vapid_key: vapid.publicKey,
  }));
}

/** The same one again and again, in turn. */
export function inTurn<T>(items: readonly T[]): () => T {
  let next = 0;
  return () => {
    const item = items[next++ % items.length];
    if (item === undefined) throw new RangeError('none to take');
    return item;
  };
}
