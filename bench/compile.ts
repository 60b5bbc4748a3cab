import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Compiles the benches and all they measure into a folder of its own, and answers it; the caller removes it. What is
 * measured is then what production runs: tsx wraps every function to keep its name, which cost the engine a tenth.
 */
export async function compileBenches(): Promise<{ folder: string; remove(): Promise<void> }> {
  // In the repository, so that packages are found; ignored by Git and Biome like every `.dist-*`.
  const folder = await mkdtemp(join(ROOT, '.dist-bench-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    const args = [tsc, '-p', join(ROOT, 'bench', 'tsconfig.json'), '--outDir', folder];
    const [code] = (await once(spawn(process.execPath, args, { stdio: ['ignore', 2, 2] }), 'exit')) as [number | null];
    if (code !== 0) throw new Error('the benches do not compile');
    await writeFile(join(folder, 'package.json'), await packageOf());
    for (const part of ['src', 'web'])
      await cp(join(ROOT, part), join(folder, part), { recursive: true, filter: isAsset });
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}

/** Pages that the product reads, programs that are plain JavaScript: all but what is compiled, and the folders with it. */
const isAsset = (path: string): boolean => !/\.(ts|json)$/.test(path);

/** A package scope in which `#src/x.ts` means the compiled file. */
async function packageOf(): Promise<string> {
  const { imports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { imports: object };
  const compiled = Object.keys(imports).map((alias) => [alias, alias.replace('#', './').replace(/\.ts$/, '.js')]);
  return JSON.stringify({ private: true, type: 'module', imports: Object.fromEntries(compiled) });
}
