import type { Mutant } from './mutant.ts';

/** The script runs whoever holds the lease. */
const unfenced = (name: string, file: string, script: string): Mutant => ({
  name,
  file,
  find: `const ${script} = script(`,
  replace: `const ${script} = ((lua: string) => script(lua.replace(/if redis[^]*?\\nend/, '')))(`,
});

export const mutants: Mutant[] = [
  {
    name: 'the fence lets everybody pass',
    file: 'streams/script.ts',
    find: "if redis.call('GET', KEYS[1]) ~= ARGV[1] then",
    replace: 'if false then',
  },
  {
    name: 'an attempt begins though the lease ran out after its word was written',
    file: 'actors/start.ts',
    find: 'if (isCurrent()) return;',
    replace: 'if (isCurrent) return;',
  },
  unfenced('entries are read without a fence', 'streams/consumer.ts', 'readScript'),
  unfenced('entries are taken over without a fence', 'streams/consumer.ts', 'takeOverScript'),
  unfenced('entries are fetched from the shelf without a fence', 'streams/consumer.ts', 'fetchScript'),
  unfenced('the ledger is written, and entries are settled, without a fence', 'streams/ledger.ts', 'commitScript'),
  unfenced('recipients are buried without a fence', 'streams/dead-letters.ts', 'buryScript'),
  unfenced('a lease is renewed by whoever asks', 'streams/lease.ts', 'renewScript'),
  unfenced('a lease is released by whoever asks', 'streams/lease.ts', 'releaseScript'),
];
