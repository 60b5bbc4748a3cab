import { type Command, Redis } from 'ioredis';
import type { SeededRandom } from '../chaos/seeded-random.ts';
import type { Target } from './history.ts';
import type { Reply, SimulatedServer } from './server.ts';
import { NATURE, type Owner, type World } from './world.ts';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;
/** A field of every dead letter, and of nothing else. */
const LETTER_FIELD = 'last_error';

interface Item {
  command: Command;
  words: string[];
  /** Its promise has been settled, or nobody is there any more to hear of it. */
  isOver: boolean;
}

/** A process's connection to Redis: commands and answers take simulated time, get lost, or arrive after their sender's end. */
export interface SimulatedConnection {
  redis: Redis;
  /** How long a command takes to Redis and its answer back, each. */
  setLag(ms: number): void;
  /** Breaks; some commands under way still reach Redis. Tries to connect again fail for `downMs`. */
  cut(downMs: number): void;
  /** Has something happen when that command is at Redis. */
  strike(target: Target, blow: () => void): void;
  /** Calls off the strikes that are still to come. */
  spare(): void;
  /** What is asked from now on gets no answer before the connection is made anew. */
  deafen(): void;
}

/**
 * Behaves as `connectRedis` does: what is under way when the connection breaks is rejected and not repeated, what is asked
 * while it is away is rejected at the next try that fails.
 */
export function createSimulatedConnection<P extends Owner>(options: {
  process: P;
  server: SimulatedServer<P>;
  world: World;
  random: SeededRandom;
  lagMs: number;
}): SimulatedConnection {
  const { process: owner, server, world, random } = options;
  const redis = new Redis({ lazyConnect: true });
  const underWay = new Set<Item>();
  let [outgoing, incoming, offline]: [Item[], { item: Item; reply: Reply }[], Item[]] = [[], [], []];
  let [isUp, isEnded, isDeaf] = [true, false, false];
  let { lagMs } = options;
  let downUntil = 0;
  let strikes: (Target & { blow(): void })[] = [];
  redis.status = 'ready';

  function settle(item: Item, reply: Reply): void {
    underWay.delete(item);
    if (item.isOver) return;
    item.isOver = true;
    if ('error' in reply) item.command.reject(reply.error);
    else item.command.resolve(reply.value as never);
  }

  function answer(item: Item, reply: Reply): void {
    incoming.push({ item, reply });
    world.after(owner, lagMs, () => {
      const first = incoming.shift();
      if (first) settle(first.item, first.reply);
    });
  }

  /** A blocking read: simulated time ends it, Redis is asked again whenever there is something new. */
  async function ring(item: Item, command: string[], blockMs: number): Promise<void> {
    let done = false;
    const look = async () => {
      const reply = done || item.isOver ? null : await server.execute(owner, command);
      if (reply && ('error' in reply || reply.value !== null)) end(reply);
    };
    const end = (reply: Reply) => {
      done = true;
      ignore();
      answer(item, reply);
    };
    const ignore = server.onGrowth(() => world.after(NATURE, 0, look));
    world.after(NATURE, blockMs, () => (done || item.isOver ? ignore() : end({ value: null })));
    await look();
  }

  async function reach(): Promise<void> {
    const item = outgoing.shift();
    if (!item) return;
    const isBurial = item.words.includes(LETTER_FIELD);
    const due = strikes.filter((strike) => (strike.of === 'all' || isBurial) && strike.nth-- === 0);
    strikes = strikes.filter(({ nth }) => nth >= 0);
    for (const { when, blow } of due) if (when === 'before') blow();
    if (isUp) await carryOut(item);
    for (const { when, blow } of due) if (when === 'after') blow();
  }

  async function carryOut(item: Item): Promise<void> {
    const block = item.words.indexOf('BLOCK');
    if (block < 0) answer(item, await server.execute(owner, item.words));
    else await ring(item, item.words.toSpliced(block, 2), Number(item.words[block + 1]));
  }

  function issue(item: Item): void {
    if (isEnded) settle(item, { error: new Error('Connection is closed.') });
    else if (!isUp) offline.push(item);
    else {
      underWay.add(item);
      if (isDeaf) return;
      outgoing.push(item);
      world.after(NATURE, lagMs, reach);
    }
  }

  function rejectAll(items: Iterable<Item>, reason: string): void {
    for (const item of [...items]) settle(item, { error: new Error(reason) });
  }

  /** What is in the wire reaches Redis up to some point, a little later maybe, and unheard. */
  function scatter(): void {
    const reaching = outgoing.slice(0, random.integer(0, outgoing.length));
    [outgoing, incoming] = [[], []];
    const lingerMs = random.pick([0, 0, 20, 300]);
    world.after(NATURE, lingerMs, async () => {
      for (const { words } of reaching) if (!words.includes('BLOCK')) await server.execute(owner, words);
    });
  }

  function breakOff(downMs: number): void {
    if (isUp) scatter();
    const isNews = isUp;
    downUntil = Math.max(downUntil, world.now() + downMs);
    isUp = false;
    if (!isNews) return;
    world.after(owner, 0, () => {
      process.nextTick(() => redis.emit('close'));
      rejectAll(underWay, 'Connection is closed.');
      if (!isEnded) tryLater(FIRST_RETRY_MS);
    });
  }

  function tryLater(ms: number): void {
    world.after(owner, ms, () => {
      if (isEnded) return;
      const waiting = offline;
      offline = [];
      if (world.now() < downUntil) {
        rejectAll(waiting, 'Redis is away');
        return tryLater(Math.min(ms * 2, LONGEST_RETRY_MS));
      }
      [isUp, isDeaf] = [true, false];
      redis.emit('ready');
      for (const item of waiting) issue(item);
    });
  }

  redis.sendCommand = (command: Command) => {
    const words = [command.name, ...command.args.map(String)];
    issue({ command, words, isOver: false });
    return command.promise;
  };
  redis.disconnect = (reconnect = false) => {
    isEnded ||= !reconnect;
    breakOff(0);
    if (isEnded) rejectAll(offline.splice(0), 'Connection is closed.');
  };

  return {
    redis,
    setLag: (ms) => {
      lagMs = ms;
    },
    cut: breakOff,
    strike: (target, blow) => void strikes.push({ ...target, blow }),
    spare: () => {
      strikes = [];
    },
    deafen: () => {
      isDeaf = true;
    },
  };
}
