import { isIP } from 'node:net';
import { PRIVATE_ADDRESS, publicAddresses, type Resolve } from '../channels/web-push/guarded-lookup.ts';
import { isPublicAddress } from '../channels/web-push/public-address.ts';

export const WEBHOOK_URL_MAX_LENGTH = 2048;
/** The machine itself, whatever a nameserver says (RFC 6761, section 6.3). */
const LOCALHOST = /(?:^|\.)localhost\.?$/;
/** `URL` drops line breaks and rewrites backslashes in silence; none of them has a place here. */
const PLAIN_URL = /^https?:\/\/(?!\/)[\x21-\x5b\x5d-\x7e]+$/i;

export type WebhookUrlRefusal = 'too_long' | 'malformed' | 'has_credentials' | 'not_https' | typeof PRIVATE_ADDRESS;

/** A URL that may be called. */
export interface WebhookTarget {
  /** `https://host[:port]`. */
  origin: string;
  host: string;
  hostname: string;
  /** With the query. */
  path: string;
  /** The operator vouches for the host, wherever its name leads to. */
  mayBePrivate: boolean;
}

/** WEBHOOK_ALLOWED_HOSTS: `host:port`, port 443 where none is said. */
export type WebhookAllowedHosts = readonly string[];

/** Reads a URL. The address behind a name is checked by the socket's lookup: only then it is known which one is connected to. */
export function webhookTarget(text: string, allowed: WebhookAllowedHosts): WebhookTarget | WebhookUrlRefusal {
  if (text.length > WEBHOOK_URL_MAX_LENGTH) return 'too_long';
  if (!PLAIN_URL.test(text) || !URL.canParse(text)) return 'malformed';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text)) return 'has_credentials';
  if (url.hash !== '' || text.includes('#')) return 'malformed';
  const { protocol, hostname, host, origin } = url;
  const mayBePrivate = allowed.some((entry) => isHost(entry, url));
  if (protocol !== 'https:' && !mayBePrivate) return 'not_https';
  const address = hostname.replace(/^\[|\]$/g, '');
  const isPrivate = isIP(address) === 0 ? LOCALHOST.test(address) : !isPublicAddress(address);
  if (isPrivate && !mayBePrivate) return PRIVATE_ADDRESS;
  return { origin, host, hostname: address, path: url.pathname + url.search, mayBePrivate };
}

function isHost(entry: string, { protocol, hostname, port }: URL): boolean {
  const allowed = new URL(`https://${entry}`);
  const actual = port || (protocol === 'https:' ? '443' : '80');
  return allowed.hostname === hostname && (allowed.port || '443') === actual;
}

/**
 * Why the URL must not be stored; null when it may. A name that does not resolve now passes: the resolver may be away, and every
 * connection checks its address again.
 */
export async function refusedWebhookUrl(
  text: string,
  allowed: WebhookAllowedHosts,
  resolve: Resolve,
): Promise<WebhookUrlRefusal | null> {
  const target = webhookTarget(text, allowed);
  if (typeof target === 'string') return target;
  if (target.mayBePrivate || isIP(target.hostname) !== 0) return null;
  try {
    await publicAddresses(target.hostname, resolve);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === PRIVATE_ADDRESS ? PRIVATE_ADDRESS : null;
  }
}
