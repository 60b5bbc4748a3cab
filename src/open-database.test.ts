import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { programArguments } from '#test/support/node-program.ts';
import { readConfig } from './config.ts';
import { createLog } from './observability/log.ts';
import { openMigrated } from './open-database.ts';

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'vestnik-open-'));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

const open = (DATABASE_URL: string) =>
  openMigrated({ database: readConfig({ DATABASE_URL }).DATABASE_URL, log: createLog('silent') });

describe('a database that cannot be opened is named in one line that says what to do', () => {
  test('a path below a file', async (t) => {
    const file = join(await folder(t), 'file');
    await writeFile(file, '');
    await assert.rejects(open(`sqlite:${file}/vestnik.sqlite`), {
      code: 'database_start_failed',
      message: new RegExp(
        `^DATABASE_URL sqlite:${file}/vestnik\\.sqlite cannot be used: E[^\\n]+; name a file in a folder`,
      ),
    });
  });

  test('a file of something else', async (t) => {
    const file = join(await folder(t), 'notes.txt');
    await writeFile(file, 'no database '.repeat(500));
    await assert.rejects(open(`sqlite:${file}`), {
      message: /^DATABASE_URL sqlite:\S+ cannot be used: [^\n]*not a database; name a file/,
    });
  });

  test('a server that is not there, without its password', async () => {
    await assert.rejects(open('postgresql://vestnik:geheim@127.0.0.1:1/vestnik'), (error: Error) => {
      assert.match(
        error.message,
        /^DATABASE_URL postgresql:\/\/127\.0\.0\.1:1\/vestnik cannot be used: [^\n]+; start the/,
      );
      assert.doesNotMatch(error.message, /geheim|\n/);
      return true;
    });
  });

  // In a process of its own: making a folder below /proc never ends.
  test('a folder that can never be made', {
    skip: process.platform !== 'linux' && 'only Linux has /proc',
  }, async (t) => {
    const child = spawn(process.execPath, [...programArguments('#src/cli.ts'), 'migrate'], {
      env: { ...process.env, DATABASE_URL: 'sqlite:/proc/nowhere/vestnik.sqlite', LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    let printed = '';
    child.stderr.on('data', (chunk) => {
      printed += chunk;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(
      printed,
      /^vestnik: DATABASE_URL sqlite:\/proc\/nowhere\/vestnik\.sqlite cannot be used: the folder [^\n]+\n$/,
    );
  });
});
