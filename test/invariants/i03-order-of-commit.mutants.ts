import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'the entries of a page are begun in another order',
    file: 'actors/reader.ts',
    find: 'of admitted.entries())',
    replace: 'of [...admitted.entries()].toReversed())',
  },
  {
    name: 'an entry passes those of its tenant that are on the shelf',
    file: 'actors/admission.ts',
    find: 'tenant.shelf.length === 0 && hasRoom(tenant)',
    replace: 'hasRoom(tenant)',
  },
  {
    name: 'new entries are read beside those that an earlier owner left',
    file: 'actors/reader.ts',
    find: 'await takeOver();\n        await readNew();',
    replace: 'await Promise.all([readNew(), takeOver()]);',
  },
  {
    name: 'the outbox relay publishes a batch in another order',
    file: 'src/db/outbox-relay.ts',
    find: 'const publications = rows.map(',
    replace: 'const publications = rows.toReversed().map(',
  },
];
