import { randomBytes } from 'node:crypto';
import { decodeBase64url, isP256Point } from './p256.ts';
import type { Receiver, Subscription } from './push-message.ts';

export interface Subscriptions {
  /** @throws {TypeError} when the key is no P-256 point in base64url. */
  add(receiver: Receiver, applicationServerKey: string): Subscription;
  find(token: string): Subscription | undefined;
}

export const ENDPOINT_PATH = '/wpush/v2/';
/** Autopush's tokens have 184 characters. */
const TOKEN_BYTES = 138;

export function createSubscriptions({ origin }: { origin: string }): Subscriptions {
  const subscriptions = new Map<string, Subscription>();
  /** Checking a point is most of the work, and subscriptions are often made by the thousand for one key. */
  let lastValidKey: string | undefined;
  return {
    add(receiver, keyText) {
      const applicationServerKey = keyText.replace(/=+$/, '');
      if (applicationServerKey !== lastValidKey) {
        const point = decodeBase64url(applicationServerKey);
        if (!point || !isP256Point(point))
          throw new TypeError('the applicationServerKey must be a P-256 point, base64url');
        lastValidKey = applicationServerKey;
      }
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const endpoint = `${origin}${ENDPOINT_PATH}${token}`;
      const subscription = { token, endpoint, receiver, applicationServerKey, gone: false };
      subscriptions.set(token, subscription);
      return subscription;
    },
    find: (token) => subscriptions.get(token),
  };
}
