import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** The code of the error when a name has no public address. */
export const PRIVATE_ADDRESS = 'private_address';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

class PrivateAddressError extends Error {
  readonly code = PRIVATE_ADDRESS;
}

/** @throws {PrivateAddressError} there is none. Whatever `resolve` throws passes. */
export async function publicAddresses(
  hostname: string,
  resolve: Resolve,
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const [first, ...others] = (await resolve(hostname)).filter(({ address }) => isPublicAddress(address));
  if (!first) throw new PrivateAddressError(`${hostname} has no public address`);
  return [first, ...others];
}

/**
 * The lookup of a socket: what it passes is what gets connected to, so a name cannot change between check and use. Node
 * asks it for names only; a host that is an address must be judged before.
 */
export function createGuardedLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    publicAddresses(hostname, resolve).then(
      (addresses) => {
        if (options.all) callback(null, addresses);
        else callback(null, addresses[0].address, addresses[0].family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
