import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'what could not be written is forgotten',
    file: 'actors/recall.ts',
    find: 'entries.set(entryId, [...(entries.get(entryId) ?? []), record]);',
    replace: '',
  },
  {
    name: 'the second failure buries',
    file: 'actors/outcome.ts',
    find: 'attempt >= maxDeliveries',
    replace: 'attempt >= maxDeliveries - 1',
  },
  {
    name: 'a fourth attempt is made',
    file: 'actors/outcome.ts',
    find: 'attempt >= maxDeliveries',
    replace: 'attempt > maxDeliveries',
  },
  {
    name: 'a deferral counts as an attempt',
    file: 'actors/outcome.ts',
    find: 'attemptsUsed: attempt - 1',
    replace: 'attemptsUsed: attempt',
  },
  {
    name: 'a send begins before its attempt is in the ledger',
    file: 'actors/start.ts',
    find: 'await ledger.write(entry, record);',
    replace: 'ledger.write(entry, record).catch(() => undefined);',
  },
  {
    name: 'whoever was there at the last crash is convicted',
    file: 'actors/after-crash.ts',
    find: "if (record.state === 'alone' && record.attempts",
    replace: 'if (record.attempts',
  },
  {
    name: 'suspects of crashes are not run alone',
    file: 'actors/opening.ts',
    find: 'await runAlone(suspect, deps);',
    replace: '',
  },
  {
    name: 'an attempt that a stop ended is not given back',
    file: 'actors/start.ts',
    find: '  record.attempts -= 1;\n',
    replace: '',
  },
];
