import { accessSync, constants } from 'node:fs';

const EXECUTABLES = {
  firefox: ['/usr/bin/firefox-esr'],
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser'],
} as const;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, which is an answer too.
    return false;
  }
}

/** Where Debian puts the browser; null where it is not installed. */
export function findBrowser(name: keyof typeof EXECUTABLES): string | null {
  return EXECUTABLES[name].find(isExecutable) ?? null;
}

const IS_CI = (process.env.CI ?? 'false') !== 'false';

/**
 * For the option `skip` of a test: why it cannot run here, or false. `npm test` installs what it can.
 * @throws {Error} in CI, where a skipped test would pass for a proof.
 */
export function unlessInstalled(
  name: keyof typeof EXECUTABLES,
  { isCi = IS_CI, find = findBrowser } = {},
): string | false {
  if (find(name) !== null) return false;
  if (isCi) throw new Error(`CI needs ${name}, and it is not installed here`);
  return `no ${name} is installed here`;
}
