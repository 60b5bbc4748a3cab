import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'whoever waits for long keeps their place',
    file: 'actors/recipient.ts',
    find: '>= PARK_FROM_MS',
    replace: '< 0',
  },
  {
    name: 'nothing is read past a window that is full',
    file: 'actors/admission.ts',
    find: 'mayReadAhead: () => shelved < limits.shelved',
    replace: 'mayReadAhead: () => false',
  },
  {
    name: 'all recipients share one mailbox',
    file: 'actors/mailbox.ts',
    find: 'post(recipient, task) {',
    replace: "post(_recipient, task) {\n      const recipient = '';",
  },
];
