import { createClient } from '#src/redis/connection.ts';
import { type ApiContender, startBareHandler, startPeer, startVestnik, untilIdle } from './api-contenders.ts';
import { type LoadDone, type LoadWork, orderLoad, type Pace } from './api-load.ts';
import type { Bench } from './bench-run.ts';
import { type Child, startChild } from './child-process.ts';
import { topCosts } from './cpu-profile.ts';
import { emptyRedis } from './engine-supply.ts';
import { redisMicros } from './engine-work-off.ts';
import { spreadFigures } from './latency-spread.ts';
import type { Figures } from './rounds.ts';
import type { Salon } from './salons.ts';

const SALONS = 64;
const WARM_UP_MS = 2500;
const PROFILE_MS = 4000;
const MIB = 1024 * 1024;

export const OURS = 'Vestnik';
export const BARE = 'bare uWS + XADD';
export const PEER = 'Fastify + BullMQ';

export interface Burst {
  work: LoadWork;
  pace: Pace;
  connections: number;
  durationMs: number;
}

/** One server, ready to be measured. */
export interface Stand {
  name: string;
  /** Posts, and leaves the server at rest with an empty stream. */
  run(burst: Burst): Promise<{ done: LoadDone; figures: Figures }>;
}

export interface Lab {
  stands: Stand[];
  salons: Salon[];
}

/** Server and Redis before and after, beside what the generator saw. */
async function measured(contender: ApiContender, generator: Child, burst: Burst) {
  const redis = createClient(contender.redisUrl, { maxRetriesPerRequest: null });
  try {
    const [before, redisBefore] = [await contender.child.usage(), await redisMicros(redis)];
    const done = await orderLoad(generator, { url: contender.child.url, ...burst });
    const [after, redisAfter] = [await contender.child.usage(), await redisMicros(redis)];
    const figures: Figures = {
      'requests/s': (done.answers * 1000) / done.elapsedMs,
      ...spreadFigures(done.spread),
      'CPU µs': (after.cpuMicros - before.cpuMicros) / done.answers,
      'Redis CPU µs': (redisAfter - redisBefore) / done.answers,
      'RSS MiB': after.rssBytes / MIB,
    };
    // Rows of bookings stay in the outbox while no worker runs: their entries must stay too.
    if (burst.work.kind === 'events') await emptyRedis(redis);
    else await untilIdle(contender.redisUrl);
    return { done, figures };
  } finally {
    redis.disconnect();
  }
}

async function profile(bench: Bench, contender: ApiContender, generator: Child, work: LoadWork): Promise<void> {
  bench.say(`profile: ${contender.name}`);
  await contender.child.startProfile();
  await measured(contender, generator, { work, pace: { kind: 'closed' }, connections: 64, durationMs: PROFILE_MS });
  process.stderr.write(`\n${topCosts(await contender.child.stopProfile(), 30)}\n\n`);
}

/** Starts and warms up Vestnik's API without workers, and its peers for this kind of work; all end with the part. */
export async function openLab(part: Bench, kind: LoadWork['kind']): Promise<Lab> {
  part.say('starting the contenders');
  const generator = await startChild(part, 'api-load-process', {});
  const { url: telegramRoot } = await startChild(part, 'telegram-receiver', { SALONS: String(SALONS) });
  const ours = await startVestnik(part, { name: 'vestnik', roles: ['api'], salons: SALONS, telegramRoot });
  const peer = await startPeer(part, ours.name);
  const contenders = [{ ...ours, name: OURS }];
  const others = [
    ...(kind === 'events' ? [{ ...(await startBareHandler(part)), name: BARE }] : []),
    { ...peer, name: kind === 'events' ? PEER : peer.name },
  ];
  const work: LoadWork = kind === 'events' ? { kind, each: 1 } : { kind, salons: ours.salons };
  for (const contender of [...contenders, ...others]) {
    part.say(`warm-up: ${contender.name}`);
    await measured(contender, generator, { work, pace: { kind: 'closed' }, connections: 64, durationMs: WARM_UP_MS });
  }
  if (part.profile) await profile(part, { ...ours, name: OURS }, generator, work);
  return {
    salons: ours.salons,
    stands: [...contenders, ...others].map((contender) => ({
      name: contender.name,
      run: (burst) => measured(contender, generator, burst),
    })),
  };
}
