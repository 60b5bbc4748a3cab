import type { Mutant } from './mutant.ts';

export const mutants: Mutant[] = [
  {
    name: 'the ledger of a settled entry stays',
    file: 'streams/ledger.ts',
    find: "redis.call('HDEL', KEYS[3]",
    replace: "-- redis.call('HDEL', KEYS[3]",
  },
  {
    name: 'the marker of a settled entry stays',
    file: 'streams/ledger.ts',
    find: 'if #ARGV > 6 then',
    replace: 'if false then',
  },
  {
    name: 'a settled entry is acknowledged and not deleted',
    file: 'streams/ledger.ts',
    find: "redis.call('XDEL', KEYS[2]",
    replace: "-- redis.call('XDEL', KEYS[2]",
  },
  {
    name: 'a settled entry is deleted and not acknowledged',
    file: 'streams/ledger.ts',
    find: "redis.call('XACK', KEYS[2]",
    replace: "-- redis.call('XACK', KEYS[2]",
  },
  {
    name: 'a tenant with nothing under way is remembered',
    file: 'actors/admission.ts',
    find: 'tenants.delete(tenant.name)',
    replace: 'tenants.size',
  },
  {
    name: 'what a finished entry held is kept',
    file: 'actors/place.ts',
    find: 'export class Place implements Parkable {',
    replace:
      'const kept: unknown[] = [];\nexport class Place implements Parkable {\n  readonly kept = kept.push(this);',
  },
];
