import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { reconnectDelayMs } from '#streams/backoff.ts';
import type { Clock } from '#streams/clock.ts';
import { type Consumer, createConsumer } from '#streams/consumer.ts';
import { createDeadLetters } from '#streams/dead-letters.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { acquireLease, type HeldLease } from '#streams/lease.ts';
import { createLedger } from '#streams/ledger.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { Log } from '#streams/log.ts';
import type { EntryHandler } from './handler.ts';
import { createMailboxes } from './mailbox.ts';
import { createReader } from './reader.ts';
import { createRecalls } from './recall.ts';
import { createTally } from './tally.ts';

/** How soon a lease that another process holds is asked for again, in ms. */
const ASK_AGAIN_MS = 250;

export interface PartitionOptions<R> {
  redis: Redis;
  /** Opens a connection for the blocking doorbell. */
  connectBlocking(): Redis;
  keys: PartitionKeys;
  handler: EntryHandler<R>;
  maxDeliveries: number;
  /** The pause after the failed attempt of this number, in ms. */
  backoff(attempt: number): number;
  clock: Clock;
  /** True where no owner from before a wipe is to be feared: a new installation. */
  fearless: boolean;
  log: Log;
}

/** A partition's place in this process: owned whenever its lease can be had. */
export interface Partition {
  start(): void;
  /** Takes no new attempt, lets those under way end (they are aborted at the deadline), settles, gives the lease up. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
  /** Whether the lease is held here. */
  isOwned(): boolean;
}

export function createPartition<R>(options: PartitionOptions<R>): Partition {
  const { redis, keys, clock, log } = options;
  const stopping = new AbortController();
  const ending = new AbortController();
  /** They outlast a holding: whoever is busy at its end is waited for by nobody but their own next message. */
  const [mailboxes, recalls, underWay] = [createMailboxes(), createRecalls(), createTally()];
  let running: Promise<void> | null = null;
  let isOwned = false;
  /** The newest holding of this process, over or not. */
  let last: HeldLease | null = null;
  /** A holding broke off, and this process has not judged yet what it left: nobody else knows as much of its attempts. */
  let owesOpening = false;
  /** Holdings in a row that broke off before they opened, or could not begin. */
  let failures = 0;
  /** Ends the sends under way, of this holding and of earlier ones. */
  let sends = linkedSignal(ending.signal);

  /** What is still being sent when a holding is over may go on for as long as nobody else can own the partition. */
  async function boundSends(over: HeldLease): Promise<void> {
    // The next holding of this process sees to them as well.
    while (last === over && !sends.signal.aborted) {
      const leftMs = over.validUntil() - clock.monotonicMs();
      if (leftMs <= 0) sends.abort();
      else await clock.sleep(leftMs, sends.signal);
    }
  }

  /** Works as the owner until the lease is lost, the process stops, or the connection breaks. */
  async function own(lease: HeldLease, blocking: Redis): Promise<void> {
    const { token, epoch } = lease;
    let isOpened = false;
    /** Aborts with what broke the holding off. What it leaves is begun anew, with the pending list. */
    const broken = new AbortController();
    const over = linkedSignal(stopping.signal, lease.lost, broken.signal);
    // A Redis that comes back may have an older state, so a new connection begins a new holding.
    const onClose = () => broken.abort(new Error('the connection to Redis broke'));
    redis.once('close', onClose);
    over.signal.addEventListener('abort', () => void boundSends(lease), { once: true });
    // What comes later must not be written under a token that is still valid: the next holding may know better.
    broken.signal.addEventListener('abort', () => ledger.end(), { once: true });
    const recall = recalls.begin(epoch);
    if (sends.signal.aborted) sends = linkedSignal(ending.signal);
    const consumer = createConsumer({ ...options, blocking, token });
    const ledger = createLedger({
      redis,
      keys,
      token,
      unwritten: recall.remember,
      failed: (error) => broken.abort(error),
    });
    const reader = createReader({
      ...options,
      consumer,
      ledger,
      deadLetters: createDeadLetters({ redis, keys, token }),
      mailboxes,
      recall,
      isCurrent: () => clock.monotonicMs() < lease.validUntil(),
      underWay,
      halt(error) {
        // After an orderly end, the waits that it cut short are no failure.
        if (!over.signal.aborted) broken.abort(error);
      },
      stopping: over.signal,
      deadline: sends.signal,
      opened() {
        isOpened = true;
        owesOpening = false;
        failures = 0;
      },
    });
    log.info({ stream: keys.stream, epoch }, 'partition owned');
    isOwned = true;
    try {
      await reader.run();
    } finally {
      isOwned = false;
      redis.off('close', onClose);
      // Whatever ended the reading also ends the waits of what it started.
      over.abort();
      if (stopping.signal.aborted) await underWay.none();
      ledger.end();
      if (isOpened) await forgetPlanning(consumer);
      // Sends that are still under way, and attempts that Redis wrongly believes begun, are for this process to go on with.
      owesOpening ||= broken.signal.aborted || !underWay.isNone();
      if (owesOpening) lease.abandon();
      else await lease.release();
    }
    broken.signal.throwIfAborted();
  }

  async function forgetPlanning(consumer: Consumer): Promise<void> {
    await consumer.forgetPlanning().catch((error: unknown) => {
      log.debug({ stream: keys.stream, reason: String(error) }, 'what was being planned is left to the next owner');
    });
  }

  /** Returns at once when another process has the lease. */
  async function ownIfFree(blocking: Redis): Promise<void> {
    const { fearless } = options;
    const request = {
      redis,
      key: keys.lease,
      epochKey: keys.epoch,
      token: randomUUID(),
      previous: last,
      fearless,
      clock,
      log,
    };
    const lease = await acquireLease(request);
    if (!lease) return;
    last = lease;
    await own(lease, blocking);
  }

  async function loop(blocking: Redis): Promise<void> {
    while (!stopping.signal.aborted) {
      let pauseMs = ASK_AGAIN_MS;
      try {
        await ownIfFree(blocking);
      } catch (error) {
        failures += 1;
        pauseMs = reconnectDelayMs(failures);
        // Said once; Redis's connection tells how it goes on.
        const say = failures === 1 ? log.warn : log.debug;
        say.call(log, { stream: keys.stream, reason: String(error), retryInMs: pauseMs }, 'partition interrupted');
      }
      await clock.sleep(pauseMs, stopping.signal);
    }
    await underWay.none();
    sends.abort();
    blocking.disconnect();
  }

  return {
    start() {
      running ??= loop(options.connectBlocking());
    },
    async stop(deadline) {
      const end = () => ending.abort(deadline.reason);
      if (deadline.aborted) end();
      deadline.addEventListener('abort', end, { once: true });
      stopping.abort();
      await running;
      deadline.removeEventListener('abort', end);
    },
    isOwned: () => isOwned && last?.lost.aborted === false,
  };
}
