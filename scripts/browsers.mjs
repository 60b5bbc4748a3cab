// The browsers that tests drive, from the package manager.
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';

/** Package → where it puts the browser. */
const BROWSERS = {
  'firefox-esr': ['/usr/bin/firefox-esr'],
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser'],
};
const INSTALL_TIMEOUT_MS = 240_000;
const IS_CI = (process.env.CI ?? 'false') !== 'false';

/**
 * Installs the browsers that are missing where that needs no question. Where it cannot, their tests say so and are skipped;
 * in CI, where a skipped test would pass for a proof, that is an error.
 * @param {{ say: (line: string) => void, isCi?: boolean, findMissing?: () => Promise<string[]>, install?: Install }} deps
 * @throws {Error} in CI, in one line.
 * @typedef {(packages: string[], say: (line: string) => void) => Promise<void>} Install
 */
export async function ensureBrowsers({ say, isCi = IS_CI, findMissing = missing, install = installWithApt }) {
  const wanted = await findMissing();
  if (wanted.length === 0) return;
  await install(wanted, say);
  const names = (await findMissing()).join(' ');
  if (names === '') return;
  if (isCi) throw new Error(`CI needs browsers that could not be installed here: apt-get install ${names}`);
  say(`The browser tests are skipped, because this could not be done here: apt-get install ${names}`);
}

/** @type {Install} */
async function installWithApt(packages, say) {
  const prefix = await rootPrefix();
  if (prefix === null) return;
  say(`Installing ${packages.join(', ')} for the browser tests (up to a few minutes)…`);
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  const installing = [...apt, 'install', '-y', '--no-install-recommends', ...packages];
  for (const command of [installing, [...apt, 'update'], installing]) {
    const { code, output } = await run(command);
    if ((await missing()).length === 0) return;
    if (code !== 0) say(output.trim().split('\n').at(-1) ?? '');
  }
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
