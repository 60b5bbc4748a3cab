import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'an outbox row is closed by its first result',
    file: 'src/dispatch/delivery-recorder.ts',
    find: 'const close = last ? outboxRowOf(entry) : null;',
    replace: 'const close = outboxRowOf(entry);',
  },
  {
    name: 'open rows from before are not offered again',
    file: 'src/db/outbox-relay.ts',
    find: '    offeredUpTo = 0;',
    replace: '    offeredUpTo = boundary;',
  },
  {
    name: 'the delivery log knows nothing of what was delivered before the wipe',
    file: 'src/db/deliveries.ts',
    find: "{ company_id, event_id },\n    {\n      fields: ['user_id'",
    replace: "{ company_id, event_id: '' },\n    {\n      fields: ['user_id'",
  },
];
