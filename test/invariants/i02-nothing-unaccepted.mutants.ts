import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'a publication that is refused adds an event all the same',
    file: 'streams/publisher.ts',
    find: "return redis.error_reply('BACKLOG",
    replace: "redis.call('XADD', KEYS[1], '*', 'event', ARGV[5])\n  return redis.error_reply('BACKLOG",
  },
  {
    name: 'the outbox relay publishes under a stale token',
    file: 'streams/publisher.ts',
    find: 'const relayScript = script(',
    replace: "const relayScript = ((lua: string) => script(lua.replace(/if redis[^]*?\\nend/, '')))(",
  },
  {
    name: 'a replay goes to all recipients',
    file: 'actors/entry-run.ts',
    find: 'if (only === null || only === WHOLE_ENTRY) return plan;',
    replace: 'if (only !== undefined) return plan;',
  },
  {
    name: 'what a failed transaction wrote is kept by its group',
    file: 'src/db/group-commit.ts',
    find: "const UNDO = 'ROLLBACK TO SAVEPOINT work';",
    replace: 'const UNDO = KEEP;',
  },
];
