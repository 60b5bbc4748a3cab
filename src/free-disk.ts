import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from './config.ts';

/** The folders that grow with the work; none where the database and Redis are elsewhere. */
function growingFolders({ DATABASE_URL, REDIS_URL, dataDir }: Config): string[] {
  return [
    ...(DATABASE_URL.kind === 'sqlite' ? [dirname(DATABASE_URL.path)] : []),
    ...(REDIS_URL === undefined ? [dataDir] : []),
  ];
}

/** What is left on the fullest disk that this installation writes to; null where it writes to none. */
export async function freeDiskBytes(config: Config): Promise<number | null> {
  const disks = await Promise.all(growingFolders(config).map((folder) => statfs(folder)));
  return disks.length === 0 ? null : Math.min(...disks.map(({ bavail, bsize }) => bavail * bsize));
}
