import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'messages of one recipient run beside each other',
    file: 'actors/mailbox.ts',
    find: 'if (known) {',
    replace: 'if (known && task === undefined) {',
  },
  {
    name: 'a new holding does not know who is still being sent to',
    file: 'actors/partition.ts',
    find: '      mailboxes,\n',
    replace: '      mailboxes: createMailboxes(),\n',
  },
  {
    name: 'a stopping owner gives the lease up before its sends have ended',
    file: 'actors/partition.ts',
    find: 'if (stopping.signal.aborted) await underWay.none();',
    replace: '',
  },
  {
    name: 'a holding that broke off gives the lease up though its sends go on',
    file: 'actors/partition.ts',
    find: 'if (owesOpening) lease.abandon();',
    replace: 'if (owesOpening && !lease) lease.abandon();',
  },
  {
    name: 'sends go on when somebody else can own the partition',
    file: 'actors/partition.ts',
    find: 'if (leftMs <= 0) sends.abort();',
    replace: 'if (leftMs <= 0) return;',
  },
  {
    name: 'a lease that is held can be taken',
    file: 'streams/lease.ts',
    find: 'if holder and holder ~= ARGV[2] then return 0 end',
    replace: '',
  },
  {
    name: 'after a wipe nobody waits for the owner from before',
    file: 'streams/lease.ts',
    find: "if ARGV[4] ~= '1' and",
    replace: 'if false and',
  },
];
