import assert from 'node:assert/strict';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../openapi/client/api-types.ts';
import { API_KEY, type Reply, type TestApi } from './api.ts';

type ApiClient = Client<paths>;

/** The API as its description types it: what the description does not know does not compile. */
export const createApiClient = ({ port }: Pick<TestApi, 'port'>): ApiClient =>
  createClient<paths>({ baseUrl: `http://127.0.0.1:${port}`, headers: { authorization: `Bearer ${API_KEY}` } });

interface Result<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** What a call answered; it must be 2xx. */
export async function dataOf<Data>(call: Promise<Result<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await call;
  assert.ok(data, `${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** For {@link assertProblem}. */
export async function replyOf(call: Promise<Result<unknown>>): Promise<Reply> {
  const { data, error, response } = await call;
  return { status: response.status, headers: response.headers, body: error ?? data };
}
