import { setTimeout as sleep } from 'node:timers/promises';

/** A request to a stopped process hangs; it is then made again. */
const REQUEST_TIMEOUT_MS = 4000;
const PAUSE_MS = 60;
const GIVE_UP_MS = 90_000;

/** A back end that does not take no for an answer. */
export interface ApiClient {
  /**
   * Repeats the request until it is answered with less than 500, and not with 409 because its first try is still under way.
   * @param key Idempotency-Key; without one the request must bear being repeated
   * @throws for a refusal (4xx), and when nobody has answered for long
   */
  request(method: 'POST' | 'PATCH', path: string, body: object, key?: string): Promise<{ id: number; version: number }>;
  /** How many requests were made again. */
  repeats(): number;
}

/** @param url where the API is now; null while it is nowhere */
export function createApiClient(options: { adminApiKey: string; url(): string | null }): ApiClient {
  let repeats = 0;

  async function attempt(
    method: string,
    path: string,
    body: object,
    key: string | undefined,
  ): Promise<Response | null> {
    const url = options.url();
    if (url === null) return null;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${options.adminApiKey}`,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    // Read here: the connection may break in the middle of the answer.
    return new Response(await response.text(), { status: response.status });
  }

  return {
    async request(method, path, body, key) {
      const giveUpAt = performance.now() + GIVE_UP_MS;
      for (;;) {
        const response = await attempt(method, path, body, key).catch(() => null);
        if (response?.ok) return (await response.json()) as { id: number; version: number };
        if (response && response.status < 500) {
          const said = await response.text();
          if (!said.includes('"idempotency_in_flight"'))
            throw new Error(`${method} ${path}: ${response.status} ${said}`);
        }
        if (performance.now() > giveUpAt)
          throw new Error(`${method} ${path}: nobody has answered for ${GIVE_UP_MS} ms`);
        repeats += 1;
        await sleep(PAUSE_MS);
      }
    },
    repeats: () => repeats,
  };
}
