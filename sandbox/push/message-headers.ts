import type { IncomingHttpHeaders } from 'node:http';
import { badEncryption, PushRefusal } from './push-refusal.ts';

/** RFC 8030, section 5.3. */
const URGENCIES = ['very-low', 'low', 'normal', 'high'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What the headers of a push message say (RFC 8030, sections 5.2 to 5.4). */
export interface MessageHeaders {
  /** In seconds, no more than the service keeps. */
  ttl: number;
  urgency: Urgency;
  topic: string | undefined;
}

/** Autopush keeps no message longer: 30 days. */
const MAX_TTL_SECONDS = 30 * 86_400;
/** RFC 8030, section 5.4. */
const TOPIC = /^[\w-]{1,32}$/;
/** Those of the older aesgcm drafts: with aes128gcm their content is in the body. */
const OBSOLETE_HEADERS = ['encryption', 'crypto-key'];

/** @throws {PushRefusal} 400 */
export function parseMessageHeaders(headers: IncomingHttpHeaders, { hasBody }: { hasBody: boolean }): MessageHeaders {
  const ttl = parseTtl(headers.ttl);
  if (hasBody) checkEncoding(headers);
  const { topic, urgency = 'normal' } = headers;
  if (topic !== undefined && !(typeof topic === 'string' && TOPIC.test(topic)))
    throw new PushRefusal(400, 113, 'Topic must be no more than 32 characters of the URL and filename safe alphabet');
  if (!isUrgency(urgency)) throw new PushRefusal(400, null, `Urgency must be one of ${URGENCIES.join(', ')}`);
  return { ttl, urgency, topic };
}

function parseTtl(text: string | string[] | undefined): number {
  if (typeof text !== 'string' || !/^-?\d+$/.test(text)) throw new PushRefusal(400, 111, 'Missing TTL value');
  if (text.startsWith('-')) throw new PushRefusal(400, 114, 'TTL must be greater than 0');
  return Math.min(Number(text), MAX_TTL_SECONDS);
}

function checkEncoding(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined) throw badEncryption('Missing Content-Encoding header');
  if (encoding.toLowerCase() !== 'aes128gcm') throw badEncryption('Unknown Content-Encoding header');
  for (const name of OBSOLETE_HEADERS)
    if (headers[name] !== undefined) throw badEncryption(`Do not include a ${name} header with aes128gcm`);
}

const isUrgency = (text: unknown): text is Urgency => URGENCIES.some((urgency) => urgency === text);
