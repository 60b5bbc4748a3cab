import type { Exchange } from './exchange.ts';

const KEY_PROTOCOL = 'bearer.';

/**
 * What the header Authorization says of a request for a WebSocket. Browsers cannot set that header, so the key may come as
 * the subprotocol `bearer.KEY` instead, percent-encoded where it has characters that no subprotocol may have.
 */
export function socketAuthorization(header: Exchange['header']): string | undefined {
  const authorization = header('authorization');
  if (authorization !== undefined) return authorization;
  const offered = (header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const key = offered.find((name) => name.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length);
  return key === undefined ? undefined : `Bearer ${decoded(key)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
