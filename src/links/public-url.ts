/** Where every address is listened on, no link can lead. */
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

/**
 * What links begin with, without a slash at the end: PUBLIC_URL, else the address listened on, which leads here only from
 * this machine.
 */
export function publicUrlOf(
  { PUBLIC_URL, HOST }: { PUBLIC_URL?: string | undefined; HOST: string },
  port: number,
): string {
  if (PUBLIC_URL !== undefined) return PUBLIC_URL.replace(/\/+$/, '');
  const host = EVERY_ADDRESS.has(HOST) ? '127.0.0.1' : HOST;
  return httpOrigin(host, port);
}

/** An IPv6 address stands in brackets. */
export function httpOrigin(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
