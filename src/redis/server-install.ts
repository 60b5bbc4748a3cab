import { join } from 'node:path';
import { isExecutable, type System } from './system.ts';

const SUDO_CHECK_TIMEOUT_MS = 10_000;

/** One command of an install; after each the server is looked for, and the rest is left out once it is there. */
export interface InstallStep {
  name: string;
  file: string;
  args: string[];
  env: Record<string, string>;
}

type PackageManager = 'apt-get' | 'brew' | 'dnf' | 'apk' | 'pacman' | 'zypper';

const COMMANDS: Record<PackageManager, string> = {
  'apt-get': 'sudo apt-get install redis-server',
  brew: 'brew install redis',
  dnf: 'sudo dnf install valkey',
  apk: 'apk add redis',
  pacman: 'sudo pacman -S valkey',
  zypper: 'sudo zypper install redis',
};

/** The commands that put a server on this system without asking anything; empty when there are none. */
export async function installPlan(system: System): Promise<InstallStep[]> {
  const manager = await packageManager(system);
  if (manager === 'brew') return [brewStep()];
  if (manager !== 'apt-get') return [];
  if (system.isRoot) return aptSteps([]);
  const sudo = await system.run('sudo', ['-n', 'true'], { timeoutMs: SUDO_CHECK_TIMEOUT_MS });
  return sudo.code === 0 ? aptSteps(['sudo', '-n']) : [];
}

/** What a person would type on this system. */
export async function installAdvice(system: System): Promise<string> {
  const manager = await packageManager(system);
  return manager === null ? 'https://redis.io/docs/latest/operate/oss_and_stack/install/' : COMMANDS[manager];
}

async function packageManager(system: System): Promise<PackageManager | null> {
  for (const manager of Object.keys(COMMANDS) as PackageManager[])
    for (const folder of system.folders) if (await isExecutable(join(folder, manager))) return manager;
  return null;
}

/**
 * `redis-tools` brings the executable and `redis-cli` but no system service, so nothing starts on port 6379 now or at
 * the next boot. The package lists are fetched only when the first try fails; `redis-server` is the last resort
 * (RUNLEVEL=1 keeps invoke-rc.d(8) from starting its service).
 */
function aptSteps(prefix: string[]): InstallStep[] {
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const step = (name: string, args: string[]): InstallStep => {
    const [file, ...rest] = [
      ...prefix,
      'env',
      ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
      'apt-get',
      '-q',
      '-o',
      'DPkg::Lock::Timeout=120',
      ...args,
    ] as [string, ...string[]];
    return { name, file, args: rest, env };
  };
  const install = (name: string) => step(`apt-get install ${name}`, ['install', '-y', '--no-install-recommends', name]);
  return [install('redis-tools'), step('apt-get update', ['update']), install('redis-tools'), install('redis-server')];
}

function brewStep(): InstallStep {
  return {
    name: 'brew install redis',
    file: 'brew',
    args: ['install', 'redis'],
    env: { HOMEBREW_NO_AUTO_UPDATE: '1', NONINTERACTIVE: '1' },
  };
}
