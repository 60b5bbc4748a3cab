import { type AllowedHosts, ruleFor } from './allowed-hosts.ts';

/** The longest seen, Windows', is under 1,000. */
const ENDPOINT_MAX_LENGTH = 2048;
/** `URL` drops line breaks and rewrites backslashes in silence; none of them has a place here. */
const PLAIN_URL = /^https:\/\/(?!\/)[\x21-\x5b\x5d-\x7e]+$/i;

export type EndpointRefusal =
  | 'too_long'
  | 'not_https'
  | 'malformed'
  | 'has_credentials'
  | 'host_not_allowed'
  | 'port_not_allowed';

/** An endpoint that may be sent to. */
export interface PushEndpoint {
  /** `https://host[:port]`: the audience of the token. */
  origin: string;
  hostname: string;
  /** With the query. */
  path: string;
  /** The host is on the list by its own name, not under a wildcard: that it exists is vouched for. */
  isNamed: boolean;
  /** Its name may lead to any address. */
  mayBePrivate: boolean;
}

/**
 * Whether an endpoint leads to a push service that is allowed. The address behind its name is checked by the socket's
 * lookup: only then it is known which one is connected to.
 */
export function checkEndpoint(endpoint: string, allowed: AllowedHosts): PushEndpoint | EndpointRefusal {
  if (endpoint.length > ENDPOINT_MAX_LENGTH) return 'too_long';
  if (!/^https:\/\//i.test(endpoint)) return 'not_https';
  if (!PLAIN_URL.test(endpoint) || !URL.canParse(endpoint)) return 'malformed';
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '' || /^[^/?#]*@/.test(endpoint.slice('https://'.length)))
    return 'has_credentials';
  if (url.hash !== '') return 'malformed';
  const rule = ruleFor(url, allowed);
  if (rule === null) return 'host_not_allowed';
  if (rule === 'host') return 'port_not_allowed';
  return {
    origin: url.origin,
    hostname: url.hostname,
    path: url.pathname + url.search,
    isNamed: !rule.isWildcard,
    mayBePrivate: rule.mayBePrivate,
  };
}
