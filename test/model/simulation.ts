import type { Redis } from 'ioredis';
import { GROUP, partitionKeys } from '#streams/keys.ts';
import { createSeededRandom } from '../chaos/seeded-random.ts';
import { type Chronicle, createChronicle } from './chronicle.ts';
import type { History } from './history.ts';
import { createPopulation } from './population.ts';
import { type SimulatedProcess, startProcess } from './process.ts';
import { createPublishing } from './publishing.ts';
import { createScriptedHandler } from './scripted-handler.ts';
import { createSimulatedServer } from './server.ts';
import { createWitness } from './witness.ts';
import { createWorld } from './world.ts';

const KEYS = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });
/** By then the first process owns the partition, and nothing else has happened. */
const SETTLED_MS = 20;
/** The round trips of an opening, with some to spare. */
const SETTLED_TRIPS = 20;
const STEP_MS = 500;
/** What has not ended so long after the last action is lost. */
const REST_WITHIN_MS = 300_000;
const STOP_WITHIN_MS = 60_000;
/** Longer than a lease, and than any wait that a stopped process may leave. */
const LEFTOVERS_MS = 6000;

/** Lets a history happen on an empty Redis, until everything has ended and every process has stopped. */
export async function simulate(redis: Redis, history: History): Promise<Chronicle> {
  const random = createSeededRandom(history.seed);
  const world = createWorld(random.fork());
  const chronicle = createChronicle(history.wireMs);
  const processes: SimulatedProcess[] = [];
  const publishing = createPublishing({ redis, keys: KEYS, world, chronicle, refresh: () => server.refresh() });
  const witness = createWitness({ world, chronicle, processes, numberOf: publishing.numberOf });
  const server = createSimulatedServer<SimulatedProcess>({ redis, keys: KEYS, world, witness });
  const holder = () => server.holder()?.name ?? null;
  const shared = { world, random, chronicle, server, holder, ...history };
  const population = createPopulation({
    world,
    chronicle,
    server,
    processes,
    startProcess: (name) =>
      startProcess({
        ...shared,
        name,
        keys: KEYS,
        handlerOf: (process) => createScriptedHandler({ ...shared, process }),
        onCrash: (process) => population.crashed(process),
      }),
  });

  async function runUntil(isReached: () => boolean, withinMs: number): Promise<boolean> {
    const end = world.now() + withinMs;
    while (!isReached() && world.now() < end) await world.runUntil(world.now() + STEP_MS);
    return isReached();
  }

  await redis.flushall();
  await publishing.begin();
  for (let count = 0; count < history.processes; count += 1) population.start();
  await world.runUntil(SETTLED_MS + SETTLED_TRIPS * 2 * history.wireMs);

  for (const { after, ...action } of history.actions) {
    await world.runUntil(world.now() + after);
    if (action.do === 'publish') await publishing.publish(action.events);
    else if (action.do === 'publish nonsense') await publishing.publishNonsense();
    else population.befall(action);
  }
  const isQuiet = await runUntil(() => server.ids().length === 0 && population.isWell(), REST_WITHIN_MS);

  for (const process of processes) process.spare();
  for (const process of population.alive()) process.stop(Number.POSITIVE_INFINITY);
  const isGone = ({ status, stopped }: SimulatedProcess) => status === 'dead' || stopped === 'yes';
  await runUntil(() => processes.every(isGone), STOP_WITHIN_MS);
  await world.runUntil(world.now() + LEFTOVERS_MS);
  const restless = processes.filter((process) => !isGone(process) || world.pending(process) > 0);
  await lookAround(redis, chronicle, publishing.numberOf);
  Object.assign(chronicle.rest, { isQuiet, restless: restless.map(({ name }) => name) });
  return chronicle;
}

async function lookAround(redis: Redis, chronicle: Chronicle, numberOf: (id: string) => number): Promise<void> {
  chronicle.rest.keys = (await redis.keys('*')).sort();
  chronicle.rest.pending = ((await redis.xpending(KEYS.stream, GROUP)) as [number])[0];
  for (const [, fields] of await redis.xrange(KEYS.dead, '-', '+')) {
    const field = (name: string) => fields[fields.indexOf(name) + 1] ?? '';
    const [recipient, attempts] = [field('recipient'), Number(field('attempts'))];
    chronicle.letters.push({ n: numberOf(field('entry_id')), recipient, attempts });
  }
}
