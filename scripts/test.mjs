#!/usr/bin/env node
// `npm test [-- FILTER…]`: all tests under coverage, or only the files whose path holds one of the filters, without it.
// Arguments that begin with a dash go to `node --test`.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBrowsers } from './browsers.mjs';
import { buildTests, listFiles, ROOT, removeTestBuilds } from './build.mjs';

const TEST_FOLDERS = ['streams', 'actors', 'src', 'migrations', 'sandbox', 'bench', 'test'];
const BROWSER_TESTS = join('test', 'browser', '/');
const TEST_TIMEOUT_MS = 120_000;
/** Tests wait for sockets and timers for a third of their time: one more than there are cores. */
const CONCURRENCY = availableParallelism() + 1;
/** For fewer, what not all of them need is not made for all. */
const SHARED_FROM_FILES = 10;

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const files = (await Promise.all(TEST_FOLDERS.map((folder) => listFiles(join(ROOT, folder)))))
  .flat()
  .map((file) => relative(ROOT, file))
  .filter((file) => file.endsWith('.test.ts') && (filters.length === 0 || filters.some((part) => file.includes(part))))
  .sort();
if (files.length === 0) {
  console.error(`No test file matches ${filters.join(', ')}`);
  process.exit(1);
}
if (files.some((file) => file.startsWith(BROWSER_TESTS))) await ensureBrowsers({ say: console.error }).catch(giveUp);

const built = await buildTests().catch(giveUp);
const { ensureRedisServer } = await import(pathToFileURL(join(built, 'src/redis/server-binary.js')).href);
await ensureRedisServer({ say: console.error }).catch(giveUp);
const { makeSharedDatabases } = await import(pathToFileURL(join(built, 'test/support/shared-databases.js')).href);
const databases = files.length < SHARED_FROM_FILES ? null : await makeSharedDatabases(built).catch(giveUp);

const test = [
  process.execPath,
  ...['--enable-source-maps', '--test', '--test-reporter=spec'],
  `--test-timeout=${TEST_TIMEOUT_MS}`,
  `--test-concurrency=${CONCURRENCY}`,
  ...flags,
  ...files.map((file) => join(relative(ROOT, built), file.replace(/\.ts$/, '.js'))),
];
const isWhole = filters.length === 0 && flags.length === 0;
const command = isWhole ? [process.execPath, coverageProgram(), ...test] : test;
const child = spawn(command[0], command.slice(1), {
  cwd: ROOT,
  env: { ...process.env, ...databases?.env },
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('exit', async (code, signal) => {
  await databases?.stop();
  await removeTestBuilds();
  process.exit(signal === null ? code : 1);
});

/** @param {Error} error */
async function giveUp(error) {
  console.error(error.message);
  await removeTestBuilds();
  process.exit(1);
}

function coverageProgram() {
  return join(dirname(createRequire(import.meta.url).resolve('c8/package.json')), 'bin', 'c8.js');
}
