import { type ChildProcess, spawn } from 'node:child_process';

/** Waits for the end of this process, whatever ends it, and takes the given one along, even one that was stopped. */
export function guardProcess(pid: number | undefined): ChildProcess {
  const guard = spawn('sh', ['-c', 'read _; kill -9 "$1"', 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  return guard;
}
