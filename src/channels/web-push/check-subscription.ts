import type { AllowedHosts } from './allowed-hosts.ts';
import { checkEndpoint, type EndpointRefusal } from './check-endpoint.ts';
import { PRIVATE_ADDRESS, publicAddresses, type Resolve, resolveBySystem } from './guarded-lookup.ts';
import { isOnCurve, type KeysRefusal, parseSubscriptionKeys } from './subscription-keys.ts';

export type SubscriptionRefusal = EndpointRefusal | KeysRefusal | typeof PRIVATE_ADDRESS;

/**
 * Why a subscription must not be stored; null when it may. A name that does not resolve now passes: the resolver may be
 * away, and every connection checks its address again.
 */
export async function checkSubscription(
  given: { endpoint: string; p256dh: string; auth: string },
  allowed: AllowedHosts,
  resolve: Resolve = resolveBySystem,
): Promise<SubscriptionRefusal | null> {
  const endpoint = checkEndpoint(given.endpoint, allowed);
  if (typeof endpoint === 'string') return endpoint;
  const keys = parseSubscriptionKeys(given);
  if (typeof keys === 'string') return keys;
  if (!isOnCurve(keys.point)) return 'bad_p256dh';
  if (endpoint.mayBePrivate) return null;
  try {
    await publicAddresses(endpoint.hostname, resolve);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === PRIVATE_ADDRESS ? PRIVATE_ADDRESS : null;
  }
}
