import { readFileSync } from 'node:fs';

/** From a source file, and from a compiled one in `dist`, whose own package tells no version. */
const PACKAGES = ['../package.json', '../../package.json'];

/** The version of the product that runs. */
export function buildVersion(): string {
  for (const path of PACKAGES) {
    const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version?: string };
    if (version !== undefined) return version;
  }
  throw new Error('no package.json tells the version');
}
