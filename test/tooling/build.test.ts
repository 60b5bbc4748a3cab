import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';

const PROGRAMS = {
  'streams/word.ts': "export const word: string = 'built';\n",
  'src/main.ts': "import { word } from '#streams/word.ts';\nconsole.log(word, 'app');\n",
  'src/cli.ts': 'console.log(process.argv.slice(2).join());\n',
  'sandbox/main.ts': "import { word } from '#streams/word.ts';\nconsole.log(word, 'sandbox');\n",
  'sandbox/page.html': '<p>page</p>\n',
  'sandbox/main.test.ts': 'a test is not built, whatever is in it\n',
};

/** A small project with this project's own scripts and settings. */
async function project(t: TestContext): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'vestnik-build-')));
  t.after(() => rm(root, { recursive: true }));
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.build.json']) await cp(file, join(root, file));
  await cp('scripts', join(root, 'scripts'), { recursive: true });
  await symlink(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  for (const [file, text] of Object.entries(PROGRAMS)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

async function run(
  root: string,
  script: string,
  options: { args?: string[]; env?: Record<string, string> } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'scripts', script), ...(options.args ?? [])], {
    cwd: root,
    env: { ...process.env, TELEGRAM_BOT_TOKEN: '', NODE_V8_COVERAGE: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

const builtAt = async (root: string): Promise<number> => (await stat(join(root, 'dist'))).birthtimeMs;

describe('the build', () => {
  test('is made by the first start, and again only after a change', async (t) => {
    const root = await project(t);
    assert.deepEqual(await run(root, 'start.mjs'), { code: 0, stdout: 'Building…\nbuilt sandbox\n', stderr: '' });
    const first = await builtAt(root);
    assert.deepEqual(await run(root, 'start.mjs'), { code: 0, stdout: 'built sandbox\n', stderr: '' });
    assert.equal(await builtAt(root), first);
    await writeFile(join(root, 'streams/word.ts'), "export const word: string = 'changed';\n");
    assert.equal((await run(root, 'start.mjs')).stdout, 'Building…\nchanged sandbox\n');
  });

  test('may be read by another user than the one who made it', async (t) => {
    const root = await project(t);
    await run(root, 'build.mjs');
    assert.equal((await stat(join(root, 'dist'))).mode & 0o777, 0o755);
  });

  test('holds the pages beside the code, and no test', async (t) => {
    const root = await project(t);
    await run(root, 'build.mjs');
    assert.equal(await readFile(join(root, 'dist/sandbox/page.html'), 'utf8'), '<p>page</p>\n');
    assert.ok(!(await readdir(join(root, 'dist/sandbox'))).some((name) => name.includes('test')));
  });

  test('that fails says why, exits with 1, and leaves the old one', async (t) => {
    const root = await project(t);
    await run(root, 'build.mjs');
    await writeFile(join(root, 'streams/word.ts'), 'export const word: string = 1;\n');
    const failed = await run(root, 'build.mjs');
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /streams\/word\.ts\(1,14\): error TS2322/);
    assert.match(await readFile(join(root, 'dist/streams/word.js'), 'utf8'), /'built'/);
    assert.deepEqual(
      (await readdir(root)).filter((name) => name.startsWith('.dist')),
      [],
    );
  });

  test('is made once when several start at once', async (t) => {
    const root = await project(t);
    const starts = await Promise.all([1, 2, 3].map(() => run(root, 'start.mjs')));
    assert.deepEqual(
      starts.map(({ code }) => code),
      [0, 0, 0],
    );
    assert.equal(starts.filter(({ stdout }) => stdout.includes('Building')).length, 1);
  });
});

test('a start with a bot token runs the app instead of the sandbox', async (t) => {
  const root = await project(t);
  const { stdout } = await run(root, 'start.mjs', { env: { TELEGRAM_BOT_TOKEN: '1:a' } });
  assert.equal(stdout, 'Building…\nbuilt app\n');
});

test('the command line gets its arguments, and a build leaves its output clean', async (t) => {
  const root = await project(t);
  const result = await run(root, 'vestnik.mjs', { args: ['streams', '--json'] });
  assert.deepEqual(result, { code: 0, stdout: 'streams,--json\n', stderr: 'Building…\n' });
});

describe('the check before an install', () => {
  test('names the missing build tools', async (t) => {
    const root = await project(t);
    await rm(join(root, 'node_modules'));
    const { code, stderr } = await run(root, 'prerequisites.mjs', { env: { PATH: '' } });
    assert.equal(code, 0);
    assert.match(stderr, /compiles for about a minute .* needs python3, make, g\+\+/);
  });
});
