import { CANCELLED, type LookupAddress, TIMEOUT } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { Resolve } from '../channels/web-push/guarded-lookup.ts';

/** Absolute. A name that takes longer does not resolve now. */
export const LOOK_UP_DEADLINE_MS = 3_000;
/** For one question to one nameserver, before it is asked again. */
const QUESTION_MS = 1_000;
const QUESTIONS = 3;

/**
 * Companies choose these names and their nameservers: the system's resolver would give each look-up one of the process's few threads
 * until it ends, and hold up every other connection. These look-ups take none. /etc/hosts does not count.
 * @param servers instead of the system's
 */
export function createWebhookResolve({ servers, deadlineMs = LOOK_UP_DEADLINE_MS }: ResolveOptions = {}): Resolve {
  return async (hostname) => {
    // One for each look-up: calling it off then ends nobody else's.
    const resolver = new Resolver({ timeout: QUESTION_MS, tries: QUESTIONS });
    if (servers) resolver.setServers(servers);
    const timer = setTimeout(() => resolver.cancel(), deadlineMs);
    try {
      return await addressesOf(hostname, resolver);
    } finally {
      clearTimeout(timer);
    }
  };
}

interface ResolveOptions {
  servers?: readonly string[];
  deadlineMs?: number;
}

/** @throws the resolver's error when neither question has an answer. */
async function addressesOf(hostname: string, resolver: Resolver): Promise<LookupAddress[]> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = [
    ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
    ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (found.length > 0 || four.status === 'fulfilled') return found;
  const { reason } = four;
  throw reason.code === CANCELLED ? Object.assign(new Error('no answer in time'), { code: TIMEOUT }) : reason;
}
