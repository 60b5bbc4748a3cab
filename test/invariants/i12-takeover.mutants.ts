import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'a lease lasts for twenty seconds',
    file: 'streams/lease.ts',
    find: 'LEASE_MS = 5000',
    replace: 'LEASE_MS = 20_000',
  },
  {
    name: 'a lease is asked for only every five seconds',
    file: 'actors/partition.ts',
    find: 'ASK_AGAIN_MS = 250',
    replace: 'ASK_AGAIN_MS = 5000',
  },
  {
    name: 'a stopping owner keeps its lease',
    file: 'actors/partition.ts',
    find: 'if (owesOpening) lease.abandon();',
    replace: 'if (lease) lease.abandon();',
  },
];
