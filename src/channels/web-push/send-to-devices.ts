import { setMaxListeners } from 'node:events';
import type { Failure } from '#streams/dead-letters.ts';
import type { WebPushSendResult } from './classify-push-answers.ts';
import type { PushNotification } from './push-notification.ts';
import type { PushOptions } from './push-options.ts';
import type { PushTarget, WebPushChannel } from './web-push-channel.ts';

/** What became of a message to all devices of one person. */
export type DevicesResult =
  /** At least one device's service took it. */
  | { kind: 'delivered'; accepted: number }
  /** No device can take anything until its browser subscribes again; the failure is null when there was none at all. */
  | { kind: 'no_device'; failure: Failure | null }
  /** Nothing was taken yet; the shortest of the waits. */
  | { kind: 'rate_limited'; retryAfterMs: number; failure: Failure }
  | { kind: 'channel_down'; failure: Failure }
  | { kind: 'key_refused'; failure: Failure }
  | { kind: 'failed'; failure: Failure }
  /** One of them may have taken it. */
  | { kind: 'unknown'; failure: Failure };

export interface DevicesReport<T extends PushTarget> {
  result: DevicesResult;
  /** Their services know them no more; the caller deletes these and no others. */
  gone: T[];
}

/** Sends to all of a person's devices at once. One success is enough. */
export async function sendToDevices<T extends PushTarget>(
  channel: Pick<WebPushChannel, 'send'>,
  targets: readonly T[],
  notification: PushNotification,
  options: PushOptions,
  signal: AbortSignal,
): Promise<DevicesReport<T>> {
  // Each of the sends listens to it; Node takes more than ten for a leak.
  setMaxListeners(0, signal);
  const results = await Promise.all(targets.map((target) => channel.send(target, notification, options, signal)));
  return {
    result: combine(results),
    gone: targets.filter((_target, index) => results[index]?.kind === 'gone'),
  };
}

type Failed = Exclude<WebPushSendResult, { kind: 'accepted' }>;

/**
 * What may have arrived goes first: it counts as an attempt, so that a device does not ring each time another one is
 * tried again. Then what passes by itself and counts as none, what was refused, and last the devices that are lost.
 */
const PRECEDENCE = [
  'unknown',
  'rate_limited',
  'channel_down',
  'key_refused',
  'failed',
  'too_large',
  'refused',
  'key_mismatch',
  'gone',
] as const satisfies Failed['kind'][];

function combine(results: WebPushSendResult[]): DevicesResult {
  const failures = results.filter((result) => result.kind !== 'accepted');
  const accepted = results.length - failures.length;
  if (accepted > 0) return { kind: 'delivered', accepted };
  const rank = ({ kind }: Failed) => PRECEDENCE.indexOf(kind);
  const [telling] = failures.toSorted((a, b) => rank(a) - rank(b) || waitOf(a) - waitOf(b));
  return telling ? resultOf(telling) : { kind: 'no_device', failure: null };
}

function waitOf(failure: Failed): number {
  return failure.kind === 'rate_limited' ? failure.retryAfterMs : 0;
}

function resultOf(telling: Failed): DevicesResult {
  switch (telling.kind) {
    case 'rate_limited':
    case 'channel_down':
    case 'key_refused':
    case 'unknown':
    case 'failed':
      return telling;
    case 'too_large':
      return { kind: 'failed', failure: telling.failure };
    case 'refused':
    case 'key_mismatch':
    case 'gone':
      return { kind: 'no_device', failure: telling.failure };
    default:
      return telling satisfies never;
  }
}
