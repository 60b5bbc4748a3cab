import { STOP_DEADLINE_MS } from './config.ts';
import type { Logger } from './observability/log.ts';

/** One Ctrl-C reaches a process twice under npm: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1000;

/** Something that runs until it is told to end. */
export interface Service {
  stop(deadline: AbortSignal): Promise<void>;
}

/**
 * At SIGINT or SIGTERM stops the service within the deadline and exits with 0; with 1 when the deadline passed.
 * A second signal, a second later or more, ends at once.
 */
export function stopOnSignal(service: Service, log: Logger): void {
  let stoppingSince: number | null = null;

  async function end(signal: string): Promise<void> {
    if (stoppingSince !== null) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    stoppingSince = performance.now();
    log.info({ signal }, 'stopping');
    const overdue = new Promise<'overdue'>((resolve) => {
      setTimeout(() => resolve('overdue'), STOP_DEADLINE_MS + 2000).unref();
    });
    const result = await Promise.race([service.stop(AbortSignal.timeout(STOP_DEADLINE_MS)), overdue]);
    log.info(result === 'overdue' ? 'stopped too late' : 'stopped');
    process.exit(result === 'overdue' ? 1 : 0);
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(signal));
}

/** Prints one line that says what to do, and exits with 1. */
export function exitWithError(error: unknown): never {
  process.stderr.write(`vestnik: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
