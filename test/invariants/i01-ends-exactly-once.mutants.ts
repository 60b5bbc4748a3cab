import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'what an earlier owner left is not taken over',
    file: 'actors/reader.ts',
    find: 'await takeOver();',
    replace: '',
  },
  {
    name: 'an entry is settled without waiting for its record',
    file: 'actors/recipient.ts',
    find: 'await part.finished(step);',
    replace: 'part.finished(step).catch(() => undefined);',
  },
  {
    name: 'a burial leaves no mark in the ledger',
    file: 'streams/dead-letters.ts',
    find: "redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])",
    replace: '',
  },
];
