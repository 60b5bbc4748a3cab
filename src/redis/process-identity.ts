import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process began, in words that no other process shares under the same pid: a pid is used again after its owner
 * has died, this mark is not. `null` when no such process runs; one that has ended but was not reaped counts as gone.
 */
export function startMark(pid: number): string | null {
  return process.platform === 'linux' ? linuxStartMark(pid) : psStartMark(pid);
}

export function isSameProcess(pid: number, mark: string): boolean {
  return startMark(pid) === mark;
}

/** proc(5): field 3 of `/proc/PID/stat` is the state, field 22 the start in ticks since boot; field 2 may hold anything. */
function linuxStartMark(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return `${readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? 'boot'}/${fields[19]}`;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return null;
    throw error;
  }
}

/** ps(1) exits with 1 when there is no such process. */
function psStartMark(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch (error) {
    if ((error as { status?: number }).status === 1) return null;
    throw error;
  }
}
