import { afterEach, beforeEach } from 'node:test';
import {
  NOTIFICATION,
  OPTIONS,
  openChannel,
  type PushServer,
  startPushServer,
  subscribe,
} from './push-server.fixture.ts';
import type { PushTarget } from './web-push-channel.ts';

export const NEVER = new AbortController().signal;

type ChannelOptions = Parameters<typeof openChannel> extends [unknown, ...infer Options] ? Options : never;

/** A push service and a channel to it, anew for each test of the file. */
export function useChannel() {
  const now = {} as { server: PushServer; opened: ReturnType<typeof openChannel> };
  beforeEach(async () => {
    now.server = await startPushServer();
    now.opened = openChannel(now.server);
  });
  afterEach(async () => {
    await now.opened.channel.stop();
    await now.server.stop();
  });
  return {
    /** Those of the test that runs. */
    now,
    async reopen(...options: ChannelOptions) {
      await now.opened.channel.stop();
      now.opened = openChannel(now.server, ...options);
    },
    send: (target: PushTarget = subscribe(now.server.host, now.opened.vapid).target, signal = NEVER) =>
      now.opened.channel.send(target, NOTIFICATION, OPTIONS, signal),
  };
}
