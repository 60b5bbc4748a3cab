import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { EntryHandler } from '#actors/handler.ts';
import { createPartition, type Partition } from '#actors/partition.ts';
import { createWorker, type Worker } from '#actors/worker.ts';
import { retryDelayMs } from '#streams/backoff.ts';
import { systemClock } from '#streams/clock.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { createMembers } from '#streams/members.ts';
import type { SendBudget, SendLane } from './channels/send-budget/send-budget.ts';
import type { TelegramChannel } from './channels/telegram.ts';
import type { WebPushChannel } from './channels/web-push/web-push-channel.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { createBookingHandler } from './dispatch/booking-handler.ts';
import { createBookingMessages } from './dispatch/booking-messages.ts';
import { createBroadcastHandler } from './dispatch/broadcast-handler.ts';
import { createBroadcastMessages } from './dispatch/broadcast-messages.ts';
import { createDayListHandler } from './dispatch/day-list-handler.ts';
import { createDayListMessages } from './dispatch/day-list-messages.ts';
import { createDeliveryRecorder } from './dispatch/delivery-recorder.ts';
import { createDeliveryWatch } from './dispatch/delivery-watch.ts';
import { createDispatcher } from './dispatch/dispatcher.ts';
import type { LanePartitions } from './dispatch/lanes.ts';
import { createPersonDelivery } from './dispatch/person-delivery.ts';
import type { Receipt } from './dispatch/receipt.ts';
import { LANES, type Lane, WORK_STREAMS } from './domain/lanes.ts';
import type { Links } from './links/links.ts';
import type { DeliveryMetrics } from './observability/delivery-metrics.ts';
import type { Logger } from './observability/log.ts';
import type { Tracer } from './observability/tracer.ts';
import type { RecentErasures } from './people/recent-erasures.ts';
import { connectRedis } from './redis/connection.ts';
import { endingEarly } from './webhooks/early-end.ts';
import type { WebhookReceipt } from './webhooks/webhook-receipt.ts';

/** The engine with a handler for each type of event. */
export function openWorker(deps: {
  config: Config;
  database: Database;
  telegram: TelegramChannel;
  sendBudget: SendBudget;
  webPush: WebPushChannel;
  links: Links;
  webhooks: EntryHandler<WebhookReceipt>;
  erasures: RecentErasures;
  redis: Redis;
  redisUrl: string;
  partitions: LanePartitions;
  /** No earlier owner of any partition is to be feared. */
  isNew: boolean;
  /** Aborts when the process must end. */
  deadline: AbortSignal;
  metrics: DeliveryMetrics;
  tracer: Tracer;
  clock: () => Date;
  log: Logger;
}): Worker {
  const { config, redis, partitions, sendBudget, log } = deps;
  const clock = { ...systemClock, date: deps.clock };
  const watch = createDeliveryWatch(deps);
  const recorder = createDeliveryRecorder({ ...deps, watch });
  const messages = createBookingMessages(deps);
  const dayListMessages = createDayListMessages(deps);
  const broadcastMessages = createBroadcastMessages(deps);

  function handlerOf(lane: Lane): EntryHandler<Receipt> {
    const by = (sends: SendLane) => ({
      sends,
      delivery: createPersonDelivery({ ...deps, sends, paidSends: sendBudget.paid }),
    });
    const inLane = by(sendBudget[lane]);
    // However much is due at once, what people wait for goes first.
    const scheduled = lane === 'p2p' ? by(sendBudget.scheduled) : inLane;
    const onBooking = createBookingHandler({ ...deps, ...inLane, messages });
    const onSchedule = createBookingHandler({ ...deps, ...scheduled, messages });
    return createDispatcher({
      recorder,
      watch,
      handlers: {
        booking_created: onBooking,
        booking_cancelled: onBooking,
        booking_rescheduled: onBooking,
        booking_reminder: onSchedule,
        booking_unconfirmed: onSchedule,
        specialist_day: createDayListHandler({ ...deps, ...scheduled, messages: dayListMessages }),
        broadcast: createBroadcastHandler({ ...deps, ...inLane, messages: broadcastMessages }),
      },
    });
  }

  const partitionOf = <R>(keys: PartitionKeys, handler: EntryHandler<R>): Partition =>
    createPartition({
      redis,
      connectBlocking: () => connectRedis({ url: deps.redisUrl, log, name: `doorbell ${keys.stream}` }),
      keys,
      handler,
      maxDeliveries: config.MAX_DELIVERIES,
      backoff: (attempt) => retryDelayMs(config.RETRY_BACKOFF_MS, attempt, Math.random()),
      clock,
      fearless: deps.isNew,
      log,
    });
  const handlers = { p2p: handlerOf('p2p'), broadcast: handlerOf('broadcast') };
  const laneOf = (keys: PartitionKeys) => LANES.find((lane) => partitions[lane].includes(keys));

  const self = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  return createWorker({
    self,
    members: createMembers({ redis, key: `${config.REDIS_KEY_PREFIX}events:workers`, self }),
    partitions: WORK_STREAMS.flatMap((stream) => partitions[stream]),
    createPartition(keys) {
      const lane = laneOf(keys);
      return lane ? partitionOf(keys, handlers[lane]) : endingEarly(partitionOf(keys, deps.webhooks));
    },
    clock,
    log,
  });
}
