import { fileURLToPath } from 'node:url';

/**
 * What Node needs to run a module of the project in a process of its own, whether the tests run compiled or not.
 * @param module by its alias, such as `#src/main.ts`
 */
export function programArguments(module: string): string[] {
  const file = fileURLToPath(import.meta.resolve(module));
  return file.endsWith('.ts') ? ['--import', import.meta.resolve('tsx'), file] : ['--enable-source-maps', file];
}
