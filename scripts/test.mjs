#!/usr/bin/env node
// `npm test [-- FILTER…]`: all tests under coverage, or only the files whose path holds one of the filters, without it.
// Arguments that begin with a dash go to `node --test`.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBrowsers } from './browsers.mjs';
import { buildTests, listFiles, ROOT, removeTestBuilds } from './build.mjs';

const TEST_FOLDERS = ['streams', 'actors', 'src', 'migrations', 'sandbox', 'bench', 'test'];
const BROWSER_TESTS = join('test', 'browser', '/');
const WHOLE_PRODUCT = join('test', '/');
/** For a test, and for all that run in one process. */
const TEST_TIMEOUT_MS = 300_000;
/** Tests wait for sockets and timers for a third of their time: one more than there are cores. */
const CONCURRENCY = availableParallelism() + 1;
/** From so many files on they share what can be shared: databases to copy, and processes. */
const SHARED_FROM_FILES = 10;
/** A process loads the product once for all its files: that takes longer than the tests of most. */
const FILES_OF_A_PROCESS = 6;
/** A suite that cannot be loaded would not be counted as a failure. */
const LOAD = `import { describe, test } from 'node:test';
const load = (file) => import(file).catch((error) => void test('can be loaded', () => { throw error; }));
`;

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
const areMany = files.length >= SHARED_FROM_FILES;
const databases = areMany ? await makeSharedDatabases(built).catch(giveUp) : null;

const isWhole = filters.length === 0 && flags.length === 0;
const test = [
  process.execPath,
  ...['--enable-source-maps', '--test', '--test-reporter=spec'],
  `--test-timeout=${TEST_TIMEOUT_MS}`,
  `--test-concurrency=${CONCURRENCY}`,
  ...flags,
  ...(areMany ? await shareProcesses(files) : files.map(programOf)),
];
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

/**
 * The compiled file, from the root.
 * @param {string} file
 */
function programOf(file) {
  return join(relative(ROOT, built), file.replace(/\.ts$/, '.js'));
}

/**
 * What stands beside the code runs a few files in a process, each in a suite of its own, so that its hooks are for its own tests. What starts,
 * kills or measures the whole product has a process to itself.
 * @param {string[]} files
 */
async function shareProcesses(files) {
  const programs = files.filter((file) => file.startsWith(WHOLE_PRODUCT)).map(programOf);
  const sharing = files.filter((file) => !file.startsWith(WHOLE_PRODUCT));
  for (let begin = 0; begin < sharing.length; begin += FILES_OF_A_PROCESS) {
    const together = sharing.slice(begin, begin + FILES_OF_A_PROCESS);
    // Named after the first, for whoever reads that it crashed.
    const program = join(built, `${together[0].replaceAll('/', '.')}.mjs`);
    const suites = together.map((file) => `describe('${file}', () => load('./${file.replace(/\.ts$/, '.js')}'));\n`);
    await writeFile(program, [LOAD, ...suites].join(''));
    programs.push(relative(ROOT, program));
  }
  return programs;
}

/** @param {Error} error */
async function giveUp(error) {
  console.error(error.message);
  await removeTestBuilds();
  process.exit(1);
}

function coverageProgram() {
  return join(dirname(createRequire(import.meta.url).resolve('c8/package.json')), 'bin', 'c8.js');
}
