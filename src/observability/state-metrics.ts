import { Gauge, type Registry } from 'prom-client';
import { inDeadline } from './deadline.ts';
import { errorCode } from './error-code.ts';
import type { Logger } from './log.ts';

/** How long a scrape waits for each of them, in milliseconds. */
const LOOK_DEADLINE_MS = 1_000;

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Looks at what is asked for at a scrape. */
export interface StateLooks {
  /** Broadcasts that run or wait for their time. */
  broadcasts(): Promise<Readonly<Record<string, number>>>;
  webhooks(): Promise<{ pending: number; disabled: number }>;
  /** By stream and partition, of those that this process relays. */
  outboxLags(): Promise<readonly { stream: string; partition: number; ms: number }[]>;
  /** Null where nothing is kept on a disk of ours. */
  freeDiskBytes(): Promise<number | null>;
}

/** Gauges that are looked up at each scrape; what cannot be looked up in time is left out of it. */
export function createStateMetrics(deps: StateLooks & { registry: Registry; log: Logger }): void {
  const { registry, log } = deps;

  function gauge(name: string, help: string, labelNames: string[], look: () => Promise<readonly Sample[]>): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const samples = await inDeadline(look(), LOOK_DEADLINE_MS).catch((error: unknown) => {
          log.debug({ metric: name, reason: errorCode(error) }, 'left out of this scrape');
          return [];
        });
        this.reset();
        // Which leaves a zero where there are no labels.
        if (labelNames.length === 0) this.remove();
        for (const [labels, value] of samples) this.set(labels, value);
      },
    });
  }

  gauge('vestnik_broadcasts', 'Broadcasts that run or wait for their time', ['status'], async () =>
    Object.entries(await deps.broadcasts()).map(([status, count]): Sample => [{ status }, count]),
  );
  gauge('vestnik_webhook_messages_pending', 'Webhook messages that wait or are on their way', [], async () => [
    [{}, (await deps.webhooks()).pending],
  ]);
  gauge(
    'vestnik_webhook_endpoints_disabled',
    'Webhook endpoints that are switched off, by hand or for their failures',
    [],
    async () => [[{}, (await deps.webhooks()).disabled]],
  );
  gauge(
    'vestnik_outbox_lag_seconds',
    'Age of the oldest event that is not in its stream yet; told by the process that relays the partition',
    ['stream', 'partition'],
    async () =>
      (await deps.outboxLags()).map(
        ({ stream, partition, ms }): Sample => [{ stream, partition: String(partition) }, ms / 1000],
      ),
  );
  gauge('vestnik_disk_free_bytes', 'What is left on the disk of the database or the private Redis', [], async () => {
    const bytes = await deps.freeDiskBytes();
    return bytes === null ? [] : [[{}, bytes]];
  });
}
