import { type WebhookCall, webhookCallSchema } from '../domain/webhooks.ts';

/** @param text the field `event` of an entry: anybody may have added it. Null for what is no call. */
export function decodeCall(text: string): WebhookCall | null {
  try {
    return webhookCallSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Not JSON.
    return null;
  }
}
