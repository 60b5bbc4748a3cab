import type { Fault } from '#sandbox/telegram/faults.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Something that goes wrong on purpose. Targets are positions: of a process (0 serves the API), of a chat. */
export type Disturbance =
  /** SIGKILL, and a start after `downMs`. */
  | { kind: 'kill'; process: number; downMs: number }
  /** SIGTERM, and a start after the process has ended. */
  | { kind: 'restart'; process: number; downMs: number }
  /** SIGSTOP, and SIGCONT after `ms`: longer than a lease lasts. */
  | { kind: 'pause'; process: number; ms: number }
  | { kind: 'redis_kill'; downMs: number }
  /** FLUSHALL. */
  | { kind: 'redis_wipe' }
  /** Another process holds the database's write lock. */
  | { kind: 'database_hold'; ms: number }
  | { kind: 'telegram'; chat: number | 'bot'; fault: Fault; times: number };

export interface Planned {
  atMs: number;
  disturbance: Disturbance;
}

export interface ScheduleOptions {
  durationMs: number;
  processes: number;
  chats: number;
  /** The mean pause between two disturbances of processes, Redis and the database; Telegram has faults at the same pace. */
  everyMs: number;
}

const LONGEST_DOWN_MS = 1500;

function hardship(random: SeededRandom, { processes }: ScheduleOptions): Disturbance {
  const process = random.integer(0, processes - 1);
  const worker = random.integer(Math.min(1, processes - 1), processes - 1);
  const downMs = random.integer(0, LONGEST_DOWN_MS);
  return random.weighted<Disturbance>([
    [25, { kind: 'kill', process: worker, downMs }],
    [10, { kind: 'kill', process: 0, downMs }],
    [13, { kind: 'restart', process, downMs }],
    [13, { kind: 'pause', process, ms: random.integer(6000, 8000) }],
    [13, { kind: 'redis_kill', downMs }],
    [10, { kind: 'redis_wipe' }],
    [16, { kind: 'database_hold', ms: random.integer(500, 1500) }],
  ]);
}

function telegramFault(random: SeededRandom, { chats }: ScheduleOptions): Disturbance {
  const chat = random.integer(0, chats - 1);
  return random.weighted<Disturbance>([
    [20, { kind: 'telegram', chat, fault: { kind: 'server_error' }, times: random.integer(1, 4) }],
    [10, { kind: 'telegram', chat: 'bot', fault: { kind: 'server_error' }, times: random.integer(3, 15) }],
    [20, { kind: 'telegram', chat, fault: { kind: 'too_many_requests', retryAfter: random.integer(1, 2) }, times: 1 }],
    [5, { kind: 'telegram', chat: 'bot', fault: { kind: 'too_many_requests', retryAfter: 1 }, times: 4 }],
    [20, { kind: 'telegram', chat, fault: { kind: 'reset_before' }, times: random.integer(1, 3) }],
    [
      20,
      { kind: 'telegram', chat, fault: { kind: 'slow', ms: random.integer(200, 3000) }, times: random.integer(1, 4) },
    ],
    [10, { kind: 'telegram', chat: 'bot', fault: { kind: 'slow', ms: random.integer(50, 500) }, times: 30 }],
  ]);
}

/** The same for the same seed, in the order of time. */
export function planDisturbances(random: SeededRandom, options: ScheduleOptions): Planned[] {
  const planned: Planned[] = [];
  for (const draw of [hardship, telegramFault]) {
    const own = random.fork();
    const pause = () => own.integer(Math.round(options.everyMs * 0.4), Math.round(options.everyMs * 1.6));
    for (let atMs = pause(); atMs < options.durationMs; atMs += pause())
      planned.push({ atMs, disturbance: draw(own, options) });
  }
  return planned.sort((a, b) => a.atMs - b.atMs);
}
