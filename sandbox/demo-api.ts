import { z } from 'zod';

export interface DemoApiOptions {
  /** Where the HTTP API listens, without a slash at the end. */
  apiUrl: string;
  adminApiKey: string;
  fetch?: typeof globalThis.fetch;
}

/** What the demo studio asks of the product. All reject when it refuses. */
export interface DemoApi {
  /** The first row that the filter finds, else the one made from `body`. */
  ensure<Row>(collection: string, filter: Record<string, string>, body: object, row: z.ZodType<Row>): Promise<Row>;
  change(item: string, body: object): Promise<void>;
  /** The address of the page where this user's browser subscribes. */
  invite(userId: number): Promise<string>;
}

const listSchema = z.object({ items: z.array(z.unknown()) });
const linkSchema = z.looseObject({ subscribe_url: z.url() });

export function createDemoApi({ apiUrl, adminApiKey, fetch = globalThis.fetch }: DemoApiOptions): DemoApi {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${apiUrl}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminApiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /v1/${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as unknown;
  };

  return {
    async ensure(collection, filter, body, row) {
      const query = new URLSearchParams({ ...filter, limit: '1' });
      const { items } = listSchema.parse(await call('GET', `${collection}?${query}`));
      return row.parse(items[0] ?? (await call('POST', collection, body)));
    },
    async change(item, body) {
      await call('PATCH', item, body);
    },
    invite: async (userId) => linkSchema.parse(await call('POST', `users/${userId}/link`, {})).subscribe_url,
  };
}
