import { z } from 'zod';
import type { SubscribePage } from './push-phone.ts';

const keySchema = z.object({ public_key: z.string() });

/**
 * What `web/subscribe.html` does with the API, without the page.
 * @param deps.invite gives a fresh `subscribe_url` of the person
 */
export function createSubscribePage(deps: {
  apiUrl: string;
  invite: () => Promise<string>;
  fetch?: typeof globalThis.fetch;
}): SubscribePage {
  const { apiUrl, invite, fetch = globalThis.fetch } = deps;
  return {
    async publicKey() {
      const response = await fetch(`${apiUrl}/v1/push/public-key`);
      return keySchema.parse(await response.json()).public_key;
    },
    async register(subscription) {
      const token = new URL(await invite()).hash.slice(1);
      const response = await fetch(`${apiUrl}/v1/push-subscriptions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(subscription),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`POST /v1/push-subscriptions answered ${response.status}: ${text}`);
    },
  };
}
