import { readFile } from 'node:fs/promises';
import { measuredPush } from './channels/measured-sends.ts';
import { type AllowedHosts, allowHosts } from './channels/web-push/allowed-hosts.ts';
import { loadVapidKeys, type VapidKeys } from './channels/web-push/vapid-keys.ts';
import { createWebPushChannel, type WebPushChannel } from './channels/web-push/web-push-channel.ts';
import type { Config } from './config.ts';
import type { Logger } from './observability/log.ts';
import type { SendMetrics } from './observability/send-metrics.ts';

export interface WebPush {
  vapid: VapidKeys;
  allowedHosts: AllowedHosts;
  channel: WebPushChannel;
}

/** The keys of this installation: those of the environment, else those that were made once into `dataDir`. */
export function vapidKeysOf(config: Config): Promise<VapidKeys> {
  return loadVapidKeys({
    publicKey: config.VAPID_PUBLIC_KEY,
    privateKey: config.VAPID_PRIVATE_KEY,
    email: config.VAPID_EMAIL,
    publicUrl: config.PUBLIC_URL,
    dataDir: config.dataDir,
  });
}

/**
 * Web Push as the configuration has it.
 * @throws {VapidKeysError} the stored keys are damaged.
 */
export async function openWebPush(deps: {
  config: Config;
  metrics: SendMetrics;
  clock(): Date;
  log: Logger;
}): Promise<WebPush> {
  const { config, metrics, clock, log } = deps;
  const vapid = await vapidKeysOf(config);
  const allowedHosts = allowHosts(config.PUSH_ALLOWED_HOSTS);
  const ca = config.PUSH_CA_FILE === undefined ? undefined : await readFile(config.PUSH_CA_FILE, 'utf8');
  const channel = createWebPushChannel({ vapid, allowedHosts, ca, clock, log });
  return { vapid, allowedHosts, channel: measuredPush(channel, metrics) };
}
