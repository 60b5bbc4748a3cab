import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'a result does not go to the ledger',
    file: 'actors/attempt.ts',
    find: 'deps.ledger.note(entry, record);',
    replace: '',
  },
  {
    name: 'a client’s event is published again though its marker is there',
    file: 'streams/publisher.ts',
    find: "'NX', 'PX', ARGV[2])",
    replace: "'PX', ARGV[2])",
  },
  {
    name: 'an outbox row is published again though its marker is there',
    file: 'streams/publisher.ts',
    find: "if not known or not redis.call('XRANGE', KEYS[2], known, known)[1] then",
    replace: 'if true then',
  },
  {
    name: 'what the ledger says of a finished recipient is not believed',
    file: 'actors/recipient.ts',
    find: "if (state === 'done') {",
    replace: "if (state === 'done' && attempts < 0) {",
  },
];
