// The browsers that tests drive, from the package manager.
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';

/** Package → where it puts the browser. */
const BROWSERS = {
  'firefox-esr': ['/usr/bin/firefox-esr'],
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser'],
};
const INSTALL_TIMEOUT_MS = 240_000;

/**
 * Installs the browsers that are missing where that needs no question. Where it cannot, their tests say so and are skipped.
 * @param {{ say: (line: string) => void }} deps
 */
export async function ensureBrowsers({ say }) {
  const wanted = await missing();
  if (wanted.length === 0) return;
  const prefix = await rootPrefix();
  if (prefix === null) return say(`Their tests are skipped: ${wanted.join(', ')} cannot be installed here.`);
  say(`Installing ${wanted.join(', ')} for the browser tests (up to a few minutes)…`);
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  const install = [...apt, 'install', '-y', '--no-install-recommends', ...wanted];
  for (const command of [install, [...apt, 'update'], install]) {
    const { code, output } = await run(command);
    if ((await missing()).length === 0) return;
    if (code !== 0) say(output.trim().split('\n').at(-1) ?? '');
  }
  say(`Their tests are skipped: ${(await missing()).join(', ')} could not be installed.`);
}

async function missing() {
  const found = await Promise.all(
    Object.entries(BROWSERS).map(async ([name, files]) => [
      name,
      (await Promise.all(files.map(isThere))).includes(true),
    ]),
  );
  return found.filter(([, there]) => !there).map(([name]) => name);
}

/** @param {string} file */
const isThere = (file) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** What makes a command run as root; null where nothing does, or there is no apt. */
async function rootPrefix() {
  if (!(await isThere('/usr/bin/apt-get'))) return null;
  if (process.getuid?.() === 0) return [];
  return (await run(['sudo', '-n', 'true'])).code === 0 ? ['sudo', '-n'] : null;
}

/**
 * @param {string[]} command
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function run([file, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: INSTALL_TIMEOUT_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
