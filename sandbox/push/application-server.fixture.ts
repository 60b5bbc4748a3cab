import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import webpush, { type PushSubscription, type RequestDetails, type RequestOptions } from 'web-push';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Draft {
  headers: Record<string, string>;
  body: Buffer | null;
}

/**
 * A sender that shares nothing with the product's, for tests: web-push makes its requests, which can be changed before
 * they go out. It has no deadline of its own.
 */
export interface ApplicationServer {
  /** In base64url. */
  publicKey: string;
  draft(subscription: PushSubscription, payload: string | null, options?: RequestOptions): Draft;
  /** @throws what node:https throws. */
  post(endpoint: string, draft: Draft, options?: { signal?: AbortSignal; method?: string }): Promise<Reply>;
  send(subscription: PushSubscription, payload: string | null, options?: RequestOptions): Promise<Reply>;
  close(): void;
}

const SUBJECT = 'mailto:admin@example.com';
const TTL_SECONDS = 60;

export function createApplicationServer({ ca }: { ca: string }): ApplicationServer {
  const { publicKey, privateKey } = webpush.generateVAPIDKeys();
  const agent = new Agent({ ca, keepAlive: true });

  const draft: ApplicationServer['draft'] = (subscription, payload, options) => {
    const vapidDetails = { subject: SUBJECT, publicKey, privateKey };
    const details: RequestDetails = webpush.generateRequestDetails(subscription, payload ?? undefined, {
      ...{ vapidDetails, TTL: TTL_SECONDS },
      ...options,
    });
    const headers = Object.entries(details.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    return { headers: Object.fromEntries(headers), body: details.body };
  };

  const post: ApplicationServer['post'] = async (endpoint, { headers, body }, { signal, method = 'POST' } = {}) => {
    const outgoing = request(endpoint, { method, headers, agent, ...(signal && { signal }) });
    outgoing.end(body ?? undefined);
    const [response] = await once(outgoing, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, body: text };
  };

  return {
    publicKey,
    draft,
    post,
    send: (subscription, payload, options) => post(subscription.endpoint, draft(subscription, payload, options)),
    close: () => agent.destroy(),
  };
}
