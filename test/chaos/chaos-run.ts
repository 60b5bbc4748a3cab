import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTelegramSimulator, type TelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { outboxShareOf } from '#src/db/outbox.ts';
import { lanePartitions } from '#src/dispatch/lanes.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { createApiClient } from './api-client.ts';
import { buildProduct } from './app-process.ts';
import { type Promised, runBooker } from './bookers.ts';
import type { Cleanups } from './cleanups.ts';
import { openDatabaseWitness } from './database-witness.ts';
import { createFleet } from './fleet.ts';
import { type CommittedEvent, checkHistory } from './history.ts';
import { type Send, takeovers } from './interruptions.ts';
import { createMessageReader } from './message-reader.ts';
import { brokenPromises } from './promises.ts';
import type { Findings } from './report.ts';
import { comeToRest } from './rest.ts';
import { openSalon, type Salon } from './salons.ts';
import { planDisturbances } from './schedule.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createStorm } from './storm.ts';

const TOKEN = '424242:chaos';
const ADMIN_API_KEY = 'chaos-admin-key';
const BOOKERS_PER_SALON = 2;

export interface ChaosOptions {
  seed: number;
  /** How long the storm lasts; starting before it and coming to rest after it take their own time. */
  seconds: number;
  processes: number;
  salons: number;
  partitions: number;
  /** The mean pause between disturbances. */
  everyMs: number;
  /** The mean pause between two requests of a booker; a salon has two of them. */
  requestEveryMs: number;
  restDeadlineMs: number;
  say(line: string): void;
  /** Ends the run's processes and removes its folder. */
  cleanups: Cleanups;
  /** Leave the folder with the processes' logs and the database where it is. */
  keep?: boolean;
}

async function startWorld(options: ChaosOptions) {
  const { cleanups, say, partitions } = options;
  await buildProduct();
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-chaos-'));
  if (options.keep) say(`logs and database: ${folder}`);
  else cleanups.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const redis = await startTestRedis(cleanups, { fsync: 'always' });
  const telegram = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited', keepRequests: 5_000_000 });
  cleanups.after(() => telegram.stop());
  const path = join(folder, 'vestnik.sqlite');
  const fleet = createFleet({
    size: options.processes,
    folder,
    say,
    env: {
      DATABASE_URL: `sqlite:${path}`,
      REDIS_URL: redis.url,
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      BROADCAST_RATE_PER_SECOND: '1000000',
      ADMIN_API_KEY,
      P2P_PARTITIONS: String(partitions),
      RETRY_BACKOFF_MS: '200,500',
      LOG_LEVEL: 'info',
    },
  });
  cleanups.after(() => fleet.stop());
  await Promise.all(fleet.processes.map((_, index) => fleet.ensure(index)));
  const witness = await openDatabaseWitness(path);
  cleanups.after(() => witness.close());
  return { redis, telegram, fleet, witness };
}

function readSends(
  telegram: TelegramSimulator,
  committed: readonly CommittedEvent[],
  salons: readonly Salon[],
): Send[] {
  const companyOf = new Map(salons.flatMap(({ company, chats }) => chats.map((chat) => [chat, company] as const)));
  const read = createMessageReader(committed);
  return telegram
    .requests()
    .filter(({ method }) => method === 'sendmessage')
    .map(({ parameters, wall, outcome }) => {
      const chat = Number(parameters.chat_id);
      const event = read(companyOf.get(chat) ?? 0, String(parameters.text));
      const { accepted = false, message_id: messageId = null, status } = outcome ?? {};
      return { chat, event, at: wall, accepted, failed: !accepted && status !== 429, messageId };
    });
}

/** One storm over the whole product, on real parts, from its start to its rest. */
export async function runChaos(options: ChaosOptions): Promise<Findings> {
  const { seed, seconds, processes, partitions, everyMs, say } = options;
  const random = createSeededRandom(seed);
  const world = await startWorld(options);
  const { redis, telegram, fleet, witness } = world;
  const api = createApiClient({ adminApiKey: ADMIN_API_KEY, url: fleet.apiUrl });
  const salons: Salon[] = [];
  for (let number = 0; number < options.salons; number += 1) salons.push(await openSalon(api, telegram, number));
  const chats = salons.flatMap((salon) => salon.chats);

  const storm = createStorm({ ...world, chats, say });
  const planned = planDisturbances(random.fork(), {
    durationMs: seconds * 1000,
    processes,
    chats: chats.length,
    everyMs,
  });
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const promised: Promised[] = [];
  const bookers = salons.flatMap((salon) =>
    Array.from({ length: BOOKERS_PER_SALON }, (_, index) => {
      const name = `salon-${salon.company}-${index}`;
      const pace = { everyMs: options.requestEveryMs, promised, ending: ending.signal };
      return runBooker({ api, salon, random: random.fork(), name, ...pace });
    }),
  );
  const weather = storm.run(planned).finally(() => ending.abort());
  await Promise.all([weather, ...bookers]);

  say(`the storm is over; ${promised.length} promises; waiting for rest`);
  const calmAt = performance.now();
  const { p2p } = lanePartitions({ prefix: '', p2pPartitions: partitions });
  const unfinished = await comeToRest({ redis: redis.redis, witness, partitions: p2p }, options.restDeadlineMs);
  const restMs = performance.now() - calmAt;
  const badStops = [...storm.badStops];
  for (const [index, app] of fleet.processes.entries())
    if ((await app.terminate()) !== 0) badStops.push(`process ${index} did not end in order at the end`);

  const committed = await witness.committed();
  const sends = readSends(telegram, committed, salons);
  const chatOf = new Map(salons.flatMap((salon) => [...salon.chatOf]));
  const partitionOf = (company: number) => outboxShareOf(company, partitions);
  const chatPartition = new Map(
    salons.flatMap(({ company, chats: own }) => own.map((chat) => [chat, partitionOf(company)] as const)),
  );
  const { interruptions } = storm;
  const verdict = checkHistory({
    committed,
    chats: new Map(salons.map((salon) => [salon.company, salon.chats])),
    partitionOf,
    sends,
    log: await witness.log(chatOf),
    interruptions,
  });
  return {
    ...verdict,
    seed,
    seconds,
    processes,
    disturbances: storm.counts,
    apiRepeats: api.repeats(),
    brokenPromises: brokenPromises(promised, committed, await witness.bookings()),
    takeovers: takeovers(interruptions, sends, (chat) => chatPartition.get(chat) ?? -1),
    unfinished,
    restMs,
    crashes: fleet.crashes(),
    badStops,
  };
}
