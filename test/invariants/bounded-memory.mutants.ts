import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'shelves are endless',
    file: 'actors/admission.ts',
    find: 'mayReadAhead: () => shelved < limits.shelved',
    replace: 'mayReadAhead: () => true',
  },
  {
    name: 'there is always room to read',
    file: 'actors/admission.ts',
    find: 'Math.max(0, limits.window - active) : 0',
    replace: 'limits.window : 0',
  },
  {
    name: 'parked entries have no bound',
    file: 'actors/admission.ts',
    find: 'if (parked >= limits.parked) return false;',
    replace: '',
  },
];
