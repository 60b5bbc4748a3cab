import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { MIGRATIONS } from '#migrations/index.ts';
import { systemClock } from '#streams/clock.ts';
import { agreeOnPartitions } from '#streams/partition-count.ts';
import { createBookingService } from './bookings/booking-service.ts';
import type { AppConfig } from './config.ts';
import { createBell } from './db/bell.ts';
import { lanePartitions } from './dispatch/lanes.ts';
import { createHousekeeping } from './housekeeping.ts';
import { LINGER_MS } from './http/limits.ts';
import { createHttpServer } from './http/server.ts';
import { createKeyRing } from './keys/key-ring.ts';
import { httpOrigin } from './links/public-url.ts';
import { errorCode } from './observability/error-code.ts';
import { inspectLanes } from './observability/lane-facts.ts';
import type { Logger } from './observability/log.ts';
import { createMetrics } from './observability/metrics.ts';
import { createStateMetrics } from './observability/state-metrics.ts';
import { openApi } from './open-api.ts';
import { openBot } from './open-bot.ts';
import { openMigrated } from './open-database.ts';
import { openLinks } from './open-links.ts';
import { openObservability } from './open-observability.ts';
import { openOutbox } from './open-outbox.ts';
import { openScheduler } from './open-scheduler.ts';
import { openTelegram } from './open-telegram.ts';
import { openWebPush } from './open-web-push.ts';
import { openWebhooks } from './open-webhooks.ts';
import { openWorker } from './open-worker.ts';
import { createRecentErasures } from './people/recent-erasures.ts';
import { checkReadiness, type Readiness, STARTING } from './readiness.ts';
import { connectRedis, untilReady } from './redis/connection.ts';
import { createRedisFitness } from './redis/fitness.ts';
import { startPrivateRedis } from './redis/private-server.ts';
import { checkRedisServer } from './redis/server-check.ts';
import { createStateLooks } from './state-looks.ts';

/** How long people who look at streams or move dead letters wait for an answer of Redis. */
const OPERATION_TIMEOUT_MS = 5_000;
/** How long a start waits for connections to a Redis that answered before. */
const CONNECT_AT_START_MS = 2_000;

export interface RunningApp {
  /** Where the API listens. */
  url: string;
  /** How to look into the private Redis by hand; null with REDIS_URL. */
  redisCli: string | null;
}

export interface App {
  /** Rejects with one clear error when something it cannot do without is missing; nothing is left running then. */
  start(): Promise<RunningApp>;
  /** Refuses new work, finishes what is under way, bounded by the deadline. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
}

/** How one part of the app is ended; run in the reverse order of starting. */
type Stop = (deadline: AbortSignal) => unknown;

/** The only wiring. */
export function createApp(deps: { config: AppConfig; log: Logger; clock?: () => Date }): App {
  const { config, log } = deps;
  const clock = deps.clock ?? systemClock.date;
  const roles = new Set(config.ROLES);
  const ending = new AbortController();
  const stops: Stop[] = [];
  let stopping: Promise<void> | null = null;
  let readiness: (() => Promise<Readiness>) | null = null;

  const { registry, tracer, ...metering } = openObservability({ config, log });
  const partitions = lanePartitions({ prefix: config.REDIS_KEY_PREFIX, p2pPartitions: config.P2P_PARTITIONS });

  async function findRedis(): Promise<{ url: string; cli: string | null }> {
    if (config.REDIS_URL !== undefined) return { url: config.REDIS_URL, cli: null };
    const server = await startPrivateRedis({ dataDir: config.dataDir, log });
    stops.push(() => server.stop());
    return server;
  }

  async function start(): Promise<RunningApp> {
    stops.push((deadline) => tracer.stop(deadline));
    const http = createHttpServer({
      host: config.HOST,
      port: config.PORT,
      adminApiKey: config.ADMIN_API_KEY,
      keyRequestsPerSecond: config.KEY_REQUESTS_PER_SECOND,
      keyEventsPerSecond: config.KEY_EVENTS_PER_SECOND,
      readiness: async () => (readiness ? await readiness() : STARTING),
      newId: randomUUID,
      lingerMs: LINGER_MS,
      requestMetrics: metering.requests,
      tracer,
      log,
    });
    // Health is answered from the first moment on; should the start fail, the listener goes with it.
    stops.push(() => http.stop());
    const { port } = await http.listen();
    const url = httpOrigin(config.HOST, port);

    const { database, applied } = await openMigrated({ database: config.DATABASE_URL, log });
    stops.push(() => database.close());
    const keys = createKeyRing({ database, clock, log });
    stops.push(() => keys.stop());
    await keys.start();
    // A database that this start made knows no earlier owner of any partition.
    const isNew = applied.length === MIGRATIONS.length;
    const server = await findRedis();
    const connect = (name: string, options: { offlineQueue?: boolean; commandTimeoutMs?: number } = {}): Redis => {
      const redis = connectRedis({ url: server.url, log, name, ...options });
      stops.push(() => redis.disconnect());
      return redis;
    };
    const redis = connect('engine');
    const fitness = createRedisFitness({ redis, check: () => checkRedis(redis), log });
    await fitness.checkAtStart();

    const { telegramApi, telegram, sendBudget } = openTelegram({ config, redis, isNew, metrics: metering.sends, log });
    stops.push(() => telegram.stop());
    const webPush = await openWebPush({ config, metrics: metering.sends, clock, log });
    stops.push(() => webPush.channel.stop());
    const botUsername = () => telegramApi.me()?.username ?? null;
    const { linkSigner, links } = await openLinks({ config, port, botUsername, clock });

    const outbox = openOutbox({
      ...{ database, redis, subscriber: connect('outbox'), keyPrefix: config.REDIS_KEY_PREFIX },
      ...{ partitions, tracer, log },
    });
    stops.push(() => outbox.stop());
    const webhooks = openWebhooks({
      ...{ config, database, metrics: metering.webhooks, clock, log },
      deadline: ending.signal,
    });
    stops.push(webhooks.stop);
    const erasures = createRecentErasures({ database, clock, log });
    stops.push(() => erasures.stop());
    if (roles.has('worker')) erasures.start();
    const worker = openWorker({
      ...{ config, database, redis, redisUrl: server.url, partitions, isNew, deadline: ending.signal },
      ...{ telegram, sendBudget, webPush: webPush.channel, links, webhooks: webhooks.handler, erasures },
      ...{ metrics: metering.deliveries, tracer, clock, log },
    });

    const committed = createBell();
    const onCommitted = () => {
      outbox.committed();
      committed.ring();
    };
    const bookings = createBookingService({ database, clock, newId: randomUUID, onCommitted });
    const bot = openBot({
      ...{ config, telegram: telegramApi, sendBudget, database, bookings, linkSigner, redis, onCommitted, committed },
      ...{ clock, log, tracer },
    });

    const { broadcasts, scheduler } = openScheduler({
      ...{ config, database, redis, onCommitted: outbox.committed, clock, newId: randomUUID, log },
    });
    stops.push(() => scheduler.stop());

    const operations = connect('operations', { offlineQueue: false, commandTimeoutMs: OPERATION_TIMEOUT_MS });
    const looks = createStateLooks({ config, database, relays: outbox.relays, clock });
    createStateMetrics({ ...looks, registry, log });
    const metrics = createMetrics({
      inspect: () => inspectLanes(operations, partitions),
      isOwned: (lane, partition) => worker.owns(partitions[lane][partition]?.stream ?? ''),
      registry,
      log,
    });
    const events = connect('events', { offlineQueue: false });
    // They refuse at once while Redis is away, so the first request must not come before they are connected.
    await Promise.all([operations, events].map((connection) => untilReady(connection, CONNECT_AT_START_MS)));
    http.open(
      openApi({
        ...{ config, database, keys, bookings, broadcasts, events, operations, partitions, webPush, erasures },
        ...{ linkSigner, links, metrics: metrics.scrape, tracer, clock },
      }),
    );

    const housekeeping = createHousekeeping({ database, deliveryLogDays: config.DELIVERY_LOG_DAYS, clock, log });
    stops.push(() => housekeeping.stop());
    housekeeping.start();
    outbox.start();
    // Together: while requests under way end, no new work may begin behind them.
    stops.push((deadline) => Promise.all([http.stop(), worker.stop(deadline), bot.stop(deadline)]));
    // Also where nothing is sent: links name the bot, and it tells its name.
    telegram.start();
    if (roles.has('worker')) worker.start();
    if (roles.has('bot')) bot.start();
    if (roles.has('scheduler')) scheduler.start();
    const channels = { telegram, web_push: webPush.channel };
    readiness = () =>
      checkReadiness({
        database,
        redis: operations,
        redisTrouble: fitness.trouble(),
        channels,
        bot,
        scheduler,
        outboxLagMs: looks.longestOutboxLagMs,
        freeDiskBytes: looks.freeDiskBytes,
      });
    return { url, redisCli: server.cli };
  }

  async function checkRedis(redis: Redis): Promise<void> {
    await checkRedisServer(redis, log);
    await agreeOnPartitions(redis, {
      prefix: config.REDIS_KEY_PREFIX,
      stream: 'events:p2p',
      partitions: config.P2P_PARTITIONS,
      setting: 'P2P_PARTITIONS',
    });
  }

  async function stop(deadline: AbortSignal): Promise<void> {
    readiness = null;
    const end = () => ending.abort(deadline.reason);
    if (deadline.aborted) end();
    deadline.addEventListener('abort', end, { once: true });
    for (const stopPart of stops.reverse()) {
      try {
        await stopPart(deadline);
      } catch (error) {
        log.error({ reason: errorCode(error) }, 'a part did not stop cleanly');
      }
    }
  }

  return {
    async start() {
      try {
        return await start();
      } catch (error) {
        await this.stop(AbortSignal.timeout(2000));
        throw error;
      }
    },
    async stop(deadline) {
      stopping ??= stop(deadline);
      await stopping;
    },
  };
}
