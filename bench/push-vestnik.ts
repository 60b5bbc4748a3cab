import { allowHosts } from '#src/channels/web-push/allowed-hosts.ts';
import { createWebPushChannel } from '#src/channels/web-push/web-push-channel.ts';
import { NOTIFICATION, OPTIONS, type PushContender, type PushReceiver, quiet, vapid } from './push-contender.ts';

/** The channel as the application wires it. */
export function createVestnik({ origin, ca }: PushReceiver): PushContender {
  const channel = createWebPushChannel({
    vapid,
    allowedHosts: allowHosts([new URL(origin).host]),
    ca,
    clock: () => new Date(),
    log: quiet,
  });
  return {
    async send(target) {
      // Each attempt has its own, which a lost lease ends.
      const result = await channel.send(target, NOTIFICATION, OPTIONS, new AbortController().signal);
      if (result.kind !== 'accepted') throw new Error(JSON.stringify(result));
    },
    stop: () => channel.stop(),
  };
}
