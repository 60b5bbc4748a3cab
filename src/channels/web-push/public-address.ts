import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** 2000::/3 is all that is routed; the embedded IPv4 addresses of old, such as `::127.0.0.1`, lie outside (RFC 4291). */
const [ROUTED_IPV6, ROUTED_IPV6_BITS] = ipaddr.IPv6.parseCIDR('2000::/3');

/** Not private, loopback, link-local, shared, multicast, reserved, nor an IPv4 address in the clothes of IPv6. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(ROUTED_IPV6, ROUTED_IPV6_BITS);
}
