import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';

const BIOME = 'node_modules/@biomejs/biome/bin/biome';

/** A file that must be refused, and the rule that must refuse it. */
const REFUSED: [file: string, rule: string, text: string][] = [
  ['streams/up.ts', 'noRestrictedImports', "export { a } from '#actors/a.ts';"],
  ['streams/up-relative.ts', 'noRestrictedImports', "export { a } from '../src/a.ts';"],
  ['streams/product.ts', 'noRestrictedImports', "export { Bot } from 'grammy';"],
  ['streams/orm.ts', 'noRestrictedImports', "export { MikroORM } from '@mikro-orm/core';"],
  ['actors/up.ts', 'noRestrictedImports', "export { a } from '#src/a.ts';"],
  ['actors/product.ts', 'noRestrictedImports', "export { z } from 'zod';"],
  ['src/up.ts', 'noRestrictedImports', "export { a } from '#sandbox/a.ts';"],
  ['src/db/up.ts', 'noRestrictedImports', "export { a } from '#test/a.ts';"],
  ['src/http/routes/up.ts', 'noRestrictedImports', "export { a } from '#bench/a.ts';"],
  ['src/uws.ts', 'noRestrictedImports', "export { App } from 'uWebSockets.js';"],
  ['src/db/uws.ts', 'noRestrictedImports', "export { App } from 'uWebSockets.js';"],
  ['src/orm.ts', 'noRestrictedImports', "export { MikroORM } from '@mikro-orm/better-sqlite';"],
  ['src/http/orm.ts', 'noRestrictedImports', "export { MikroORM } from '@mikro-orm/better-sqlite';"],
  ['src/domain/up.ts', 'noRestrictedImports', "export { a } from '../db/a.ts';"],
  ['src/domain/alias.ts', 'noRestrictedImports', "export { a } from '#streams/a.ts';"],
  ['src/domain/effect.ts', 'noRestrictedImports', "export { Redis } from 'ioredis';"],
  ['migrations/up.ts', 'noRestrictedImports', "export { a } from '#src/a.ts';"],
  ['sandbox/up.ts', 'noRestrictedImports', "export { a } from '#test/a.ts';"],
  ['src/print.ts', 'noConsole', "console.log('a');"],
  ['src/any.ts', 'noExplicitAny', 'export const a: any = 1;'],
  ['src/float.ts', 'noFloatingPromises', 'async function f(): Promise<void> {}\nexport function g() {\n  f();\n}'],
  ['src/cycle-a.ts', 'noImportCycles', "import { b } from './cycle-b.ts';\nexport const a = () => b;"],
  ['src/cycle-b.ts', 'noImportCycles', "import { a } from './cycle-a.ts';\nexport const b = () => a;"],
  ['src/type.ts', 'useImportType', "import { Logger } from 'pino';\nexport type A = Logger;"],
  ['src/node.ts', 'useNodejsImportProtocol', "export { join } from 'path';"],
  ['src/unused.ts', 'noUnusedImports', "import { join } from 'node:path';"],
  ['src/empty-catch.ts', 'noEmptyBlockStatements', 'export function f() {\n  try {\n    f();\n  } catch {}\n}'],
  ['src/skip.test.ts', 'noSkippedTests', "import { test } from 'node:test';\ntest.skip('a', () => undefined);"],
];

/** Files that must pass: what a layer may do, and what tests may do. */
const ALLOWED: [file: string, text: string][] = [
  ['src/down.ts', "export { a } from '#streams/a.ts';"],
  ['src/migrate.ts', "export { a } from '#migrations/a.ts';"],
  ['src/db/orm.ts', "export { MikroORM } from '@mikro-orm/better-sqlite';"],
  ['src/bookings/orm.ts', "export { MikroORM } from '@mikro-orm/core';"],
  ['src/http/uws.ts', "export { App } from 'uWebSockets.js';"],
  ['src/http/routes/orm.ts', "export { MikroORM } from '@mikro-orm/core';"],
  ['src/domain/pure.ts', "export { z } from 'zod';"],
  ['src/main.ts', "console.log('a');"],
  ['streams/x.test.ts', "export { a } from '#test/a.ts';"],
  ['sandbox/down.ts', "export { a } from '#src/a.ts';"],
];

describe('the lint rules', () => {
  test('refuse what breaks the layers or the style, and nothing else', async () => {
    const folder = await mkdtemp(join(await realpath(tmpdir()), 'vestnik-rules-'));
    try {
      for (const [file, text] of [...REFUSED.map(([file, , text]) => [file, text] as const), ...ALLOWED]) {
        await mkdir(join(folder, dirname(file)), { recursive: true });
        await writeFile(join(folder, file), `${text}\n`);
      }
      for (const file of ['biome.json', '.gitignore', 'package.json']) await cp(file, join(folder, file));
      await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
      const report = await lint(folder);
      const missed = REFUSED.filter(([file, rule]) => !report.includes(`${file} ${rule}`)).map(
        ([file, rule]) => `${file} ${rule}`,
      );
      assert.deepEqual(missed, []);
      for (const [file] of ALLOWED)
        assert.deepEqual(
          report.filter((line) => line.startsWith(`${file} `)),
          [],
        );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Answers `file rule` for everything that Biome refuses. */
async function lint(folder: string): Promise<string[]> {
  const output = await new Promise<string>((resolve) => {
    const args = [join(process.cwd(), BIOME), 'lint', '--reporter=github', '--max-diagnostics=none', '.'];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 24 }, (_error, stdout) => resolve(stdout));
  });
  return [...output.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+)/g)].map(
    ([, rule, file]) => `${relative(folder, resolve(folder, file ?? ''))} ${rule}`,
  );
}
