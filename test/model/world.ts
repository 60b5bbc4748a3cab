import type { SeededRandom } from '../chaos/seeded-random.ts';

/** Something that can be stopped in its tracks: nothing of a paused one happens until it goes on, of a dead one ever. */
export interface Owner {
  status: 'running' | 'paused' | 'dead';
}

interface Happening {
  at: number;
  /** Which of those of the same moment goes first. */
  rank: number;
  owner: Owner;
  run(): void | Promise<void>;
}

/** Simulated time: things happen one by one, each after all that followed from the one before has come to rest. */
export interface World {
  /** In ms since the beginning. */
  now(): number;
  /** Happens after `ms`; the order within one moment is random. Answers how to call it off. */
  after(owner: Owner, ms: number, run: Happening['run']): () => void;
  /** Lets happen what is due up to this moment. */
  runUntil(at: number): Promise<void>;
  /** What came too late for a paused owner is due now: first its timers as a busy process would, or in any order. */
  resume(owner: Owner): void;
  /** Nothing of it happens any more. */
  end(owner: Owner): void;
  /** How much this owner still waits for. */
  pending(owner: Owner): number;
}

/** What belongs to no process: the network, Redis, the receiver. */
export const NATURE: Owner = { status: 'running' };

/** Turns of the event loop without anything new after which nothing can follow any more: the engine's longest chain is one. */
const QUIET_TURNS = 3;

export function createWorld(random: SeededRandom): World {
  let now = 0;
  let activity = 0;
  let happenings: Happening[] = [];

  async function comeToRest(): Promise<void> {
    for (let quiet = 0, seen = activity; quiet < QUIET_TURNS; quiet += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (seen === activity) continue;
      seen = activity;
      quiet = -1;
    }
  }

  function next(until: number): Happening | undefined {
    let first: Happening | undefined;
    for (const candidate of happenings) {
      if (candidate.owner.status !== 'running' || candidate.at > until) continue;
      if (!first || candidate.at < first.at || (candidate.at === first.at && candidate.rank < first.rank))
        first = candidate;
    }
    return first;
  }

  function drop(happening: Happening): void {
    const index = happenings.indexOf(happening);
    if (index < 0) return;
    const last = happenings.pop() as Happening;
    if (last !== happening) happenings[index] = last;
  }

  return {
    now: () => now,
    after(owner, ms, run) {
      activity += 1;
      const happening = { at: now + ms, rank: random.integer(0, 2 ** 30), owner, run };
      if (owner.status !== 'dead') happenings.push(happening);
      return () => drop(happening);
    },
    async runUntil(at) {
      await comeToRest();
      for (let happening = next(at); happening; happening = next(at)) {
        now = Math.max(now, happening.at);
        drop(happening);
        await happening.run();
        await comeToRest();
      }
      now = Math.max(now, at);
    },
    resume(owner) {
      owner.status = 'running';
      const inOrder = random.chance(0.5);
      if (inOrder) return;
      for (const happening of happenings) if (happening.owner === owner) happening.at = Math.max(happening.at, now);
    },
    end(owner) {
      owner.status = 'dead';
      happenings = happenings.filter((happening) => happening.owner !== owner);
    },
    pending: (owner) => happenings.filter((happening) => happening.owner === owner).length,
  };
}
