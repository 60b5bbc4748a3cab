import { ADMIN_KEY } from './hostile-app.ts';

interface RequestText {
  /** Lines of the head, beside Host and the admin key. */
  lines?: string[];
  /** Sent as it is: Latin-1, a byte a character, and without a length of its own where `lines` say one. */
  body?: string | Uint8Array;
  /** Null for none. */
  key?: string | null;
}

/** The bytes of a request; what of it is hostile stands in the options. */
export function request(
  method: string,
  target: string,
  { lines = [], body, key = ADMIN_KEY }: RequestText = {},
): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : Buffer.from(body ?? []);
  const saysLength = lines.some((line) => /^(content-length|transfer-encoding)/i.test(line));
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: x',
    ...(key === null ? [] : [`Authorization: Bearer ${key}`]),
    ...(body !== undefined && !lines.some((line) => /^content-type/i.test(line))
      ? ['Content-Type: application/json']
      : []),
    ...lines,
    ...(body !== undefined && !saysLength ? [`Content-Length: ${bytes.length}`] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

/** The bytes of a request with this value as its JSON. */
export const jsonRequest = (method: string, target: string, value: unknown, key: string | null = ADMIN_KEY): Buffer =>
  request(method, target, { body: Buffer.from(JSON.stringify(value)), key });

export const COMPANY = '{"name":"A","time_zone":"UTC"}';
