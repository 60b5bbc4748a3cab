import type { Attempt } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import type { Failure } from '#streams/dead-letters.ts';
import { type DevicesResult, sendToDevices } from '../channels/web-push/send-to-devices.ts';
import type { WebPushChannel } from '../channels/web-push/web-push-channel.ts';
import type { Database } from '../db/database.ts';
import { createDevicesReader, forgetDevices, type PushDevice } from '../db/push-devices.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { CHANNEL_RETRY_MS } from './channel-retry.ts';
import { unlessDatabaseAway } from './database-away.ts';
import { OVERTAKEN } from './overtaken.ts';
import type { ReadyMessage } from './ready-message.ts';
import { deliveredByWebPush, type Receipt } from './receipt.ts';

/** A key or a clock is mended by people, and every try asks a service that has just refused us. */
const KEY_RETRY_MS = 60_000;
/** Counted from the event: after that a refused key uses attempts, so that a message ends as a dead letter. */
const KEY_PATIENCE_MS = 6 * 60 * 60_000;

/** None of the user's devices takes anything; the failure is null when they have none. */
interface NoDevice {
  kind: 'no_device';
  failure: Failure | null;
}

/** They have devices, and the message has nothing for them. */
const NO_CONTENT = Object.freeze({ kind: 'no_content' } as const);

/** One attempt over Web Push, to all of a user's devices. */
export interface WebPushLeg {
  send(message: ReadyMessage, attempt: Attempt): Promise<Outcome<Receipt> | NoDevice | typeof NO_CONTENT>;
}

export function createWebPushLeg(deps: {
  database: Database;
  webPush: Pick<WebPushChannel, 'send'>;
  clock(): Date;
  log: Logger;
}): WebPushLeg {
  const { database, webPush, clock, log } = deps;
  const devicesOf = createDevicesReader(database);

  /** What was sent stays sent, so the result stands whatever comes of this; the next message meets them again. */
  async function forget(gone: readonly PushDevice[], userId: number): Promise<void> {
    if (gone.length === 0) return;
    try {
      await forgetDevices(database, userId, gone, clock());
    } catch (error) {
      log.error({ reason: errorCode(error), user_id: userId }, 'ended push subscriptions could not be deleted');
    }
  }

  function conclude({ event, person }: ReadyMessage, result: DevicesResult): Outcome<Receipt> | NoDevice {
    switch (result.kind) {
      case 'delivered':
        return { kind: 'done', receipt: deliveredByWebPush(person) };
      case 'no_device':
        return result;
      case 'rate_limited':
        return { kind: 'deferred', failure: result.failure, delayMs: result.retryAfterMs };
      case 'channel_down':
        return { kind: 'deferred', failure: result.failure, delayMs: CHANNEL_RETRY_MS };
      case 'key_refused':
        return clock().getTime() - event.ts * 1000 < KEY_PATIENCE_MS
          ? { kind: 'deferred', failure: result.failure, delayMs: KEY_RETRY_MS }
          : failed(result.failure);
      case 'failed':
        return failed(result.failure);
      case 'unknown':
        // A repeated notification takes the place of the first by its tag.
        return failed(result.failure);
      default:
        return result satisfies never;
    }
  }

  return {
    async send(message, { signal, isCurrent }) {
      const { company_id, person } = message;
      const { user_id } = person;
      const devices = await unlessDatabaseAway(() => devicesOf({ company_id, user_id }));
      if (!Array.isArray(devices)) return devices;
      if (devices.length === 0) return { kind: 'no_device', failure: null };
      if (!isCurrent()) return OVERTAKEN;
      const content = message.toWebPush();
      if (!content) return NO_CONTENT;
      const { result, gone } = await sendToDevices(webPush, devices, content.notification, content.options, signal);
      await forget(gone, user_id);
      return conclude(message, result);
    },
  };
}

function failed(failure: Failure): Outcome<Receipt> {
  return { kind: 'failed', failure: { ...failure, channel: 'web_push' } };
}
