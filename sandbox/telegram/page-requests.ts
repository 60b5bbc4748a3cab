import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request of the page that is refused. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Keeps out other sites' pages (Origin, Sec-Fetch-Site) and names that were rebound to this machine (Host).
 * @throws {RequestError} 403
 */
export function checkSameSite({ headers }: IncomingMessage): void {
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  if (!LOOPBACK_HOST.test(host)) throw new RequestError(403, 'open the page by its loopback address');
  if (origin !== undefined && origin !== `http://${host}`) throw new RequestError(403, 'not from another site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new RequestError(403, 'not from another site');
}

/** An empty body is an empty object. @throws {RequestError} 400 */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body) as unknown;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new RequestError(400, 'the body is no JSON');
    throw cause;
  }
}

export function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
