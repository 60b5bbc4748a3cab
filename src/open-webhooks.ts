import type { EntryHandler } from '#actors/handler.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import type { Logger } from './observability/log.ts';
import type { WebhookMetrics } from './observability/webhook-metrics.ts';
import { createWebhookCaller } from './webhooks/webhook-caller.ts';
import { createWebhookHandler } from './webhooks/webhook-handler.ts';
import type { WebhookReceipt } from './webhooks/webhook-receipt.ts';
import { createWebhookRecorder } from './webhooks/webhook-recorder.ts';

/** Who calls the companies' servers. */
export interface Webhooks {
  handler: EntryHandler<WebhookReceipt>;
  /** Ends the connections; after the worker. Idempotent. */
  stop(): Promise<void>;
}

export function openWebhooks(deps: {
  config: Config;
  database: Database;
  /** Aborts when the process must end. */
  deadline: AbortSignal;
  metrics: WebhookMetrics;
  clock: () => Date;
  log: Logger;
}): Webhooks {
  const { config } = deps;
  const caller = createWebhookCaller({ ...deps, allowedHosts: config.WEBHOOK_ALLOWED_HOSTS ?? [] });
  const recorder = createWebhookRecorder({ ...deps, random: Math.random });
  return {
    handler: createWebhookHandler({ ...deps, caller, recorder }),
    stop: caller.stop,
  };
}
