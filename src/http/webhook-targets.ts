import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Resolve } from '../channels/web-push/guarded-lookup.ts';
import { createWebhookResolve, LOOK_UP_DEADLINE_MS } from '../webhooks/webhook-resolver.ts';
import { refusedWebhookUrl, type WebhookAllowedHosts, type WebhookUrlRefusal } from '../webhooks/webhook-url.ts';
import { invalidField } from './problem.ts';

/** Names may belong to nameservers that never answer. */
const LOOK_UPS_AT_ONCE = 16;

/** What the URLs of endpoints are checked against. */
export interface WebhookTargets {
  allowedHosts: WebhookAllowedHosts;
  /** That of the calls unless given. */
  resolve?: Resolve;
}

const WORDS: Record<WebhookUrlRefusal, string> = {
  too_long: 'is too long',
  malformed: 'must be a plain URL',
  has_credentials: 'must hold no user or password',
  not_https: 'must be an https URL',
  private_address: 'must lead to a public address',
};

/** Refuses a URL that may not be called; without one there is nothing to refuse. It may look a name up: no work for a transaction. */
export function createUrlCheck({ allowedHosts, resolve = createWebhookResolve() }: WebhookTargets) {
  const bounded = boundedResolve(resolve);
  /** @throws {Problem} 422. */
  return async (url: string | undefined): Promise<void> => {
    const refusal = url === undefined ? null : await refusedWebhookUrl(url, allowedHosts, bounded);
    if (refusal) throw invalidField('url', WORDS[refusal]);
  };
}

/** A name for which there is no room or no answer in time does not resolve now. */
function boundedResolve(resolve: Resolve): Resolve {
  const limit = pLimit(LOOK_UPS_AT_ONCE);
  return async (hostname) => {
    const settled = new AbortController();
    const late = sleep(LOOK_UP_DEADLINE_MS, [], { signal: settled.signal });
    const found = limit(async () => (settled.signal.aborted ? [] : await resolve(hostname)));
    try {
      return await Promise.race([found, late.then(() => Promise.reject(new Error('no answer in time')))]);
    } finally {
      settled.abort();
    }
  };
}
