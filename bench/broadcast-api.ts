import { request } from 'undici';
import { AD_HTML } from './broadcast-work.ts';
import { ADMIN_API_KEY } from './salons.ts';

const HEADERS = { authorization: `Bearer ${ADMIN_API_KEY}`, 'content-type': 'application/json' };

async function ask<T>(url: string, expected: number, body?: string): Promise<T> {
  const answer = await request(url, { headers: HEADERS, method: body ? 'POST' : 'GET', ...(body && { body }) });
  const text = await answer.body.text();
  if (answer.statusCode !== expected) throw new Error(`${url} answered ${answer.statusCode}: ${text}`);
  return JSON.parse(text) as T;
}

/** To all clients of the company, at once. Answers its id. */
export async function postBroadcast(url: string, company_id: number): Promise<number> {
  const body = JSON.stringify({ company_id, audience: { roles: ['client'] }, content: { tg_html: AD_HTML } });
  const { id } = await ask<{ id: number }>(`${url}/v1/broadcasts`, 202, body);
  return id;
}

/** A part of what the API shows. */
interface BroadcastState {
  status: string;
  progress: { failed: number; suppressed: number };
}

export async function readBroadcast(url: string, id: number): Promise<BroadcastState> {
  return await ask(`${url}/v1/broadcasts/${id}`, 200);
}

export async function postBooking(url: string, body: string): Promise<void> {
  await ask(`${url}/v1/bookings`, 201, body);
}
