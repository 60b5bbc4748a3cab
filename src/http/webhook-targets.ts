import { type Resolve, resolveBySystem } from '../channels/web-push/guarded-lookup.ts';
import { refusedWebhookUrl, type WebhookAllowedHosts, type WebhookUrlRefusal } from '../webhooks/webhook-url.ts';
import { invalidField } from './problem.ts';

/** What the URLs of endpoints are checked against. */
export interface WebhookTargets {
  allowedHosts: WebhookAllowedHosts;
  /** The system's resolver unless given. */
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
export function createUrlCheck({ allowedHosts, resolve = resolveBySystem }: WebhookTargets) {
  /** @throws {Problem} 422. */
  return async (url: string | undefined): Promise<void> => {
    const refusal = url === undefined ? null : await refusedWebhookUrl(url, allowedHosts, resolve);
    if (refusal) throw invalidField('url', WORDS[refusal]);
  };
}
