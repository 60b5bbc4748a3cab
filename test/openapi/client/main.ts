import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { startTestApi } from '#test/support/api.ts';
import { createCleanups } from '../../chaos/cleanups.ts';
import { writeTypes } from './write-types.ts';

// `npm run api-types`: writes the types of the API's client. With `--check` it only tells whether they are up to date.

const FILE = new URL('api-types.ts', import.meta.url);

/** As Biome writes them, so that both agree about the file. */
function formatted(text: string): string {
  const biome = spawnSync('npx', ['biome', 'format', `--stdin-file-path=${FILE.pathname}`], { input: text });
  if (biome.status !== 0) throw new Error(`Biome cannot format the types: ${biome.stderr}`);
  return biome.stdout.toString();
}

const cleanups = createCleanups();
try {
  const after: TestContext['after'] = (cleanup) => cleanups.after(async () => await (cleanup as () => unknown)());
  const api = await startTestApi({ after } as TestContext);
  const text = formatted(writeTypes(await api.ok('GET', '/openapi.json')));
  const isUpToDate = text === (await readFile(FILE, 'utf8').catch(() => ''));
  if (!process.argv.includes('--check')) await writeFile(FILE, text);
  else if (!isUpToDate) {
    console.error('The types of the API’s client are out of date: run npm run api-types');
    process.exitCode = 1;
  }
} finally {
  await cleanups.run();
}
