import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '#test/chaos/seeded-random.ts';
import type { BroadcastContender } from './broadcast-contender.ts';
import type { Trouble } from './broadcast-work.ts';

const REPLACED_AFTER_MS = 1000;
const BETWEEN_STALLS_MS = [500, 1500] as const;
const STALL_MS = [200, 800] as const;
const SEED = 8;

/** Does what `trouble` says to the senders until aborted; leaves none of them stalled. @param killAfterMs from now */
export async function makeTrouble(
  trouble: Trouble,
  contender: BroadcastContender,
  killAfterMs: number,
  signal: AbortSignal,
): Promise<void> {
  switch (trouble) {
    case 'none':
    case '429': // the receiver's part
      return;
    case 'kill':
      return await killLeader(contender, killAfterMs, signal);
    case 'stalls':
      return await stallSenders(contender, signal);
    default:
      trouble satisfies never;
  }
}

/** False when aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<boolean> => sleep(ms, true, { signal }).catch(() => false);

async function killLeader(contender: BroadcastContender, afterMs: number, signal: AbortSignal): Promise<void> {
  if (!(await pause(afterMs, signal))) return;
  const leader = await contender.leader();
  contender.senders[leader]?.kill('SIGKILL');
  if (await pause(REPLACED_AFTER_MS, signal)) await contender.replace(leader);
}

async function stallSenders({ senders }: BroadcastContender, signal: AbortSignal): Promise<void> {
  const random = createSeededRandom(SEED);
  while (await pause(random.integer(...BETWEEN_STALLS_MS), signal)) {
    const sender = senders[random.integer(0, senders.length - 1)];
    sender?.kill('SIGSTOP');
    await pause(random.integer(...STALL_MS), signal);
    sender?.kill('SIGCONT');
  }
}
