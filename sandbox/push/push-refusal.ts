const MORE_INFO = 'http://autopush.readthedocs.io/en/latest/http.html#error-codes';
const GONE_MAX_AGE_SECONDS = 86_400;

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  410: 'Gone',
  413: 'Payload Too Large',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A request that is not accepted, with the answer autopush gives (autoendpoint/src/error.rs). */
export class PushRefusal extends Error {
  readonly status: number;
  /** Autopush's own number, null where it has none. */
  readonly errno: number | null;
  readonly headers: Record<string, string>;

  constructor(status: number, errno: number | null, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.errno = errno;
    this.headers = headers;
  }

  body(): string {
    const { status, errno, message } = this;
    return JSON.stringify({ code: status, errno, error: REASONS[status] ?? 'Error', message, more_info: MORE_INFO });
  }
}

export const unknownSubscription = (): PushRefusal => new PushRefusal(404, 102, 'Invalid token');

export const goneSubscription = (): PushRefusal =>
  new PushRefusal(410, 106, 'No such subscription', { 'Cache-Control': `max-age=${GONE_MAX_AGE_SECONDS}` });

export const tooLarge = (): PushRefusal =>
  new PushRefusal(413, 104, 'This message is intended for a constrained device and is limited in size.');

/** RFC 8292, section 4.2: 401 without a valid authentication. */
export const unauthorized = (why: string): PushRefusal =>
  new PushRefusal(401, 109, why, { 'WWW-Authenticate': 'vapid' });

/** RFC 8292, section 4.2: 403 where the authentication is another application server's. FCM does so, autopush says 401. */
export const foreignKey = (): PushRefusal => new PushRefusal(403, 109, 'VAPID public key mismatch');

export const badEncryption = (why: string): PushRefusal => new PushRefusal(400, 110, why);
