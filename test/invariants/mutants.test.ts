import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Mutant } from './mutant.ts';

const FOLDER = 'test/invariants';

test('each break of `npm run mutants` fits the sources as they are, in one place', async () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.mutants.ts'));
  assert.equal(files.length > 0, true);
  const misfits: string[] = [];
  for (const name of files) {
    const { mutants } = (await import(`#${FOLDER}/${name}`)) as { mutants: Mutant[] };
    for (const { name: what, file, find } of mutants) {
      const places = readFileSync(file, 'utf8').split(find).length - 1;
      if (places !== 1) misfits.push(`${name}: ${what}: ${places} places`);
    }
  }
  assert.deepEqual(misfits, []);
});
