#!/usr/bin/env node
// `npm run build`: compiles the sources into `dist`, only when they have changed since the last build.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(ROOT, 'dist');
const STAMP = '.stamp';
const DRAFT_PREFIX = '.dist-draft-';
const LOCK = '.dist-lock';
/** Their TypeScript is compiled, everything else in them (pages, styles, pictures) copied. */
const SOURCE_FOLDERS = ['streams', 'actors', 'src', 'migrations', 'sandbox', 'web'];
const TEST_BUILD_PREFIX = '.dist-test-';
const SETTINGS = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];
/** How long one start waits for the build of another. */
const LOCK_WAIT_MS = 180_000;
const LOCK_STALE_MS = 5_000;

/**
 * Brings `dist` up to date. Several processes may call it at once: one builds, the others wait. A failed build throws
 * with the compiler's output and leaves the old `dist` as it was.
 * @param {{ say: (line: string) => void }} deps
 */
export async function ensureBuilt({ say }) {
  if (await isUpToDate()) return;
  // Not at the top: an installed and built product starts without it being looked for.
  const { default: lockfile } = await import('proper-lockfile');
  const release = await lock(lockfile);
  try {
    if (await isUpToDate()) return;
    say('Building…');
    await build(await sourceStamp());
  } finally {
    await release();
  }
}

async function isUpToDate() {
  const built = await readFile(join(DIST, STAMP), 'utf8').catch(() => null);
  return built !== null && built === (await sourceStamp());
}

/** A hash over the paths and contents of all that goes into `dist`. */
async function sourceStamp() {
  const hash = createHash('sha256');
  for (const file of [...SETTINGS, ...(await listSources())])
    hash
      .update(`${file}\0`)
      .update(await readFile(join(ROOT, file)))
      .update('\0');
  return hash.digest('hex');
}

async function listSources() {
  const lists = await Promise.all(SOURCE_FOLDERS.map((folder) => listFiles(join(ROOT, folder))));
  return lists
    .flat()
    .map((file) => relative(ROOT, file))
    .filter((file) => !file.endsWith('.test.ts'))
    .sort();
}

/**
 * All files below a folder; none when there is no such folder.
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
export async function listFiles(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** @param {string} stamp */
async function build(stamp) {
  for (const leftover of (await readdir(ROOT)).filter((name) => name.startsWith(DRAFT_PREFIX)))
    await rm(join(ROOT, leftover), { recursive: true, force: true });
  const draft = await mkdtemp(join(ROOT, DRAFT_PREFIX));
  try {
    await compile(draft, ['-p', join(ROOT, 'tsconfig.build.json')]);
    await complete(draft);
    await writeFile(join(draft, STAMP), stamp);
    // mkdtemp makes a folder for its owner alone; in a container, and on a server, another user runs what was built.
    await chmod(draft, 0o755);
    await replace(draft);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Compiles the sources with their tests into a folder of its own, types unchecked; answers it. Transpiled as it is loaded, a test
 * that starts the product would take three times as long to begin.
 */
export async function buildTests() {
  await removeTestBuilds();
  const folder = join(ROOT, `${TEST_BUILD_PREFIX}${process.pid}`);
  await compile(folder, ['-p', join(ROOT, 'tsconfig.json'), '--noEmit', 'false', '--noCheck']);
  await complete(folder);
  return folder;
}

/** Those of this process, and those of processes that are gone. */
export async function removeTestBuilds() {
  for (const name of (await readdir(ROOT)).filter((name) => name.startsWith(TEST_BUILD_PREFIX))) {
    const pid = Number(name.slice(TEST_BUILD_PREFIX.length));
    if (pid === process.pid || !isRunning(pid)) await rm(join(ROOT, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * What a compiled folder needs besides its programs.
 * @param {string} folder
 */
async function complete(folder) {
  await copyAssets(folder);
  await writeFile(join(folder, 'package.json'), await distPackage());
}

/**
 * @param {string} outDir
 * @param {string[]} settings
 */
async function compile(outDir, settings) {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(dirname(typescript), 'bin', 'tsc');
  const args = [tsc, ...settings, '--outDir', outDir, '--pretty', 'false'];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`The build failed:\n${output.trim()}`);
}

/** @param {string} outDir */
async function copyAssets(outDir) {
  const assets = (await listSources()).filter((file) => !/\.(ts|json)$/.test(file));
  for (const file of assets) await cp(join(ROOT, file), join(outDir, file));
}

/** `dist` is a package scope of its own, so that `#src/x.ts` means the compiled file there without any flag. */
async function distPackage() {
  const { imports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const compiled = Object.keys(imports).map((alias) => [alias, alias.replace('#', './').replace(/\.ts$/, '.js')]);
  return `${JSON.stringify({ private: true, type: 'module', imports: Object.fromEntries(compiled) }, null, 2)}\n`;
}

/** @param {string} draft */
async function replace(draft) {
  const old = `${draft}-old`;
  await rename(DIST, old).catch(async (error) => {
    // In a container, a folder of the image cannot be renamed (overlay file systems answer EXDEV).
    if (error.code === 'EXDEV') await rm(DIST, { recursive: true });
    else if (error.code !== 'ENOENT') throw error;
  });
  await rename(draft, DIST);
  await rm(old, { recursive: true, force: true });
}

/** @param {typeof import('proper-lockfile')} lockfile */
async function lock(lockfile) {
  const giveUpAt = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return await lockfile.lock(ROOT, { lockfilePath: join(ROOT, LOCK), stale: LOCK_STALE_MS });
    } catch (error) {
      if (error.code !== 'ELOCKED' || performance.now() > giveUpAt) throw error;
    }
    await sleep(100);
  }
}

/**
 * Runs a compiled program in this process, as if it had been started by its own name.
 * @param {string} program below `dist`
 */
export async function runBuilt(program) {
  const file = join(DIST, program);
  process.argv[1] = file;
  await import(pathToFileURL(file).href);
}

/**
 * Ends the process with one message when the build cannot be made.
 * @param {{ say: (line: string) => void }} deps
 */
export async function ensureBuiltOrExit(deps) {
  try {
    await ensureBuilt(deps);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureBuiltOrExit({ say: console.log });
