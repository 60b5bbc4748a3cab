import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The bytes in use on this process's heap once garbage, and what only its collection frees, is gone. */
export async function settledHeap(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round += 1) {
    collect();
    least = Math.min(least, process.memoryUsage().heapUsed);
    await sleep(30);
  }
  return least;
}
