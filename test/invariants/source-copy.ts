import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Mutant } from './mutant.ts';

const SOURCES = ['streams', 'actors', 'src', 'web', 'sandbox', 'migrations', 'test', 'package.json', 'tsconfig.json'];
/** Several times what the slowest of the files takes. */
const TIME_LIMIT_MS = 90_000;

export type Verdict =
  | { kind: 'passed' }
  /** The first test that failed. */
  | { kind: 'failed'; title: string }
  | { kind: 'overdue' }
  /** It ended badly, but no test failed: the sources do not even load. */
  | { kind: 'broken'; reason: string };

/** The sources in a folder where they may be broken. */
export interface SourceCopy {
  dir: string;
  /** Runs a test file with the mutant's break, which is then undone. Ends with the first test that fails. */
  test(file: string, mutant: Mutant | null): Promise<Verdict>;
  /** Ends what runs. */
  end(): void;
}

export async function createSourceCopy(): Promise<SourceCopy> {
  const dir = await mkdtemp(join(tmpdir(), 'vestnik-mutant-'));
  for (const source of SOURCES) await cp(source, join(dir, source), { recursive: true });
  await symlink(resolve('node_modules'), join(dir, 'node_modules'));
  // What a killed test leaves behind goes with the copy.
  const TMPDIR = join(dir, 'tmp');
  await mkdir(TMPDIR);
  let end: () => void = () => undefined;

  async function run(file: string): Promise<Verdict> {
    const args = ['--import', 'tsx', '--import', resolve('scripts/plain-assert.mjs'), '--test-reporter=tap', file];
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const child = spawn(process.execPath, args, { cwd: dir, env: { ...process.env, TMPDIR }, stdio: [...stdio] });
    end = () => void child.kill('SIGKILL');
    let verdict: Verdict | null = null;
    const conclude = (reached: Verdict): void => {
      verdict ??= reached;
      end();
    };
    const late = setTimeout(() => conclude({ kind: 'overdue' }), TIME_LIMIT_MS);
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000);
    });
    createInterface(child.stdout).on('line', (line) => {
      const [, title] = /^not ok \d+ - (.+)$/.exec(line) ?? [];
      if (title !== undefined) conclude({ kind: 'failed', title });
    });
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(late);
    if (verdict) return verdict;
    return code === 0 ? { kind: 'passed' } : { kind: 'broken', reason: complaint };
  }

  return {
    dir,
    end: () => end(),
    async test(file, mutant) {
      if (!mutant) return await run(file);
      const path = join(dir, mutant.file);
      const source = await readFile(path, 'utf8');
      const parts = source.split(mutant.find);
      if (parts.length !== 2)
        return { kind: 'broken', reason: `its text stands ${parts.length - 1} times in ${mutant.file}` };
      await writeFile(path, parts.join(mutant.replace));
      try {
        return await run(file);
      } finally {
        await writeFile(path, source);
      }
    },
  };
}
