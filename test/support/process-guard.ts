import { type ChildProcess, spawn } from 'node:child_process';

/** Waits for the end of this process, whatever ends it, and takes the given one along, even one that was stopped, and its folder. */
export function guardProcess(pid: number | undefined, folder = ''): ChildProcess {
  const guard = spawn('sh', ['-c', 'read _; kill -9 "$1"; [ -z "$2" ] || rm -rf "$2"', 'guard', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  return guard;
}
