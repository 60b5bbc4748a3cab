/** Push services of Chrome, Firefox, Safari and Edge. */
const PUSH_SERVICES = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '*.push.apple.com',
  '*.notify.windows.com',
];

const HTTPS_PORT = '443';

interface HostRule {
  /** In the form that `URL` gives; of a wildcard what follows the asterisk, dot included. */
  host: string;
  isWildcard: boolean;
  port: string;
  /** Its name may lead to any address. */
  mayBePrivate: boolean;
}

/** Where messages may be sent to. */
export type AllowedHosts = readonly HostRule[];

/** @throws {TypeError} an entry is no host. */
function parseRule(entry: string, mayBePrivate: boolean): HostRule {
  const isWildcard = entry.startsWith('*.');
  const url = new URL(`https://${isWildcard ? entry.slice(2) : entry}`);
  const host = isWildcard ? `.${url.hostname}` : url.hostname;
  return { host, isWildcard, port: url.port || HTTPS_PORT, mayBePrivate };
}

/**
 * The public push services, and those that the operator names (`host`, `host:port`, `*.host`): private ones may stand in
 * a private network.
 * @throws {TypeError} an entry is no host.
 */
export function allowHosts(named: readonly string[] = []): AllowedHosts {
  return [...PUSH_SERVICES.map((entry) => parseRule(entry, false)), ...named.map((entry) => parseRule(entry, true))];
}

/** The first rule for the URL's host and port; `host` where only the port is another. */
export function ruleFor(url: URL, allowed: AllowedHosts): HostRule | 'host' | null {
  const rules = allowed.filter(({ host, isWildcard }) =>
    isWildcard ? url.hostname.length > host.length && url.hostname.endsWith(host) : url.hostname === host,
  );
  if (rules.length === 0) return null;
  return rules.find(({ port }) => port === (url.port || HTTPS_PORT)) ?? 'host';
}
