import type { Redis } from 'ioredis';
import { createDeadLetterKeeper, type DeadLetterKeeper, type KeptLetter } from '#streams/dead-letter-keeper.ts';
import { StreamUnavailable } from '../dispatch/event-publisher.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { WORK_STREAMS, type WorkStream } from '../domain/lanes.ts';
import { formatLetterId, type LetterId, parseLetterId } from './letter-id.ts';
import { companyOfLetter, type LetterView, letterView } from './letter-view.ts';

/** Letters read or moved at a time: what is in memory at once, and what Redis does without a pause. */
const PAGE = 100;
/** Where a filter finds nothing, a page ends after so many letters and may be empty. */
const MAX_SCANNED = 5_000;

export interface LetterQuery {
  /** All streams when left out. */
  lane?: WorkStream | undefined;
  /** As {@link companyOfLetter} says. */
  company_id?: number | undefined;
  limit: number;
  /** The last letter already seen. */
  after?: LetterId | undefined;
}

export interface LetterPage {
  items: LetterView[];
  /** The `after` of the next page; null at the end. */
  next: LetterId | null;
}

/** `missing`: the ids that nothing was done with, because there is no such letter (any more) or it cannot be replayed. */
export interface Handled {
  done: number;
  missing: string[];
}

/** What is done with letters: `replay` to try again, `discard` to forget. */
export type LetterAct = 'replay' | 'discard';

/** The dead letters of all streams and partitions, by partition and then in the order of death. All throw {@link StreamUnavailable}. */
export interface DeadLetterService {
  list(query: LetterQuery): Promise<LetterPage>;
  get(id: string): Promise<LetterView | null>;
  count(lane?: WorkStream): Promise<number>;
  /** Safe to repeat: a letter that was replayed is not there a second time. @param company_id for it, others' letters are missing */
  handle(act: LetterAct, ids: readonly string[], company_id?: number): Promise<Handled>;
  /** Those that are dead now, not those that die meanwhile. @param onProgress told how many are done, page by page */
  handleAll(
    act: LetterAct,
    which?: Pick<LetterQuery, 'lane' | 'company_id'>,
    onProgress?: (done: number) => void,
  ): Promise<number>;
}

interface Shelf {
  lane: WorkStream;
  partition: number;
  keeper: DeadLetterKeeper;
}

export function createDeadLetterService(deps: { redis: Redis; partitions: LanePartitions }): DeadLetterService {
  const { redis, partitions } = deps;
  const shelves = WORK_STREAMS.flatMap((lane) =>
    partitions[lane].map(
      (keys, partition): Shelf => ({ lane, partition, keeper: createDeadLetterKeeper({ redis, keys }) }),
    ),
  );
  const ofLane = (lane: WorkStream | undefined) => shelves.filter((shelf) => lane === undefined || shelf.lane === lane);
  const shelfOf = (id: LetterId) =>
    shelves.find(({ lane, partition }) => lane === id.lane && partition === id.partition);

  async function* letters({ lane, after }: LetterQuery): AsyncGenerator<[LetterId, LetterView]> {
    for (const shelf of ofLane(lane).filter((shelf) => after === undefined || compareShelves(shelf, after) >= 0)) {
      let last = after && compareShelves(shelf, after) === 0 ? after.entryId : '';
      let page = await shelf.keeper.list({ after: last, count: PAGE });
      while (page.length > 0) {
        for (const letter of page) {
          const id = { lane: shelf.lane, partition: shelf.partition, entryId: letter.id };
          yield [id, letterView(id, letter)];
          last = letter.id;
        }
        page = page.length < PAGE ? [] : await shelf.keeper.list({ after: last, count: PAGE });
      }
    }
  }

  async function list(query: LetterQuery): Promise<LetterPage> {
    const items: LetterView[] = [];
    let scanned = 0;
    let seen: LetterId | null = null;
    for await (const [id, view] of letters(query)) {
      if (items.length === query.limit || scanned === MAX_SCANNED) return { items, next: seen };
      if (isOf(query.company_id, view)) items.push(view);
      scanned += 1;
      seen = id;
    }
    return { items, next: null };
  }

  async function handle(act: LetterAct, ids: readonly string[], company_id?: number): Promise<Handled> {
    const missing = new Set(ids);
    const asked = missing.size;
    for (const [shelf, entryIds] of byShelf(missing))
      for (let from = 0; from < entryIds.length; from += PAGE)
        for (const entryId of await shelf.keeper[act](
          await ofCompany(shelf, entryIds.slice(from, from + PAGE), company_id),
        ))
          missing.delete(formatLetterId({ ...shelf, entryId }));
    return { done: asked - missing.size, missing: [...missing] };
  }

  async function ofCompany(shelf: Shelf, entryIds: string[], company_id: number | undefined): Promise<string[]> {
    if (company_id === undefined) return entryIds;
    const letters = await Promise.all(entryIds.map((entryId) => shelf.keeper.get(entryId)));
    return letters.flatMap((letter) => (letter && isOf(company_id, viewOf(shelf, letter)) ? [letter.id] : []));
  }

  function byShelf(ids: Iterable<string>): Map<Shelf, string[]> {
    const groups = new Map<Shelf, string[]>();
    for (const text of ids) {
      const id = parseLetterId(text);
      const shelf = id && shelfOf(id);
      if (id && shelf) groups.set(shelf, [...(groups.get(shelf) ?? []), id.entryId]);
    }
    return groups;
  }

  const handleAll: DeadLetterService['handleAll'] = async (act, { lane, company_id } = {}, onProgress) => {
    let done = 0;
    for (const shelf of ofLane(lane)) {
      const { keeper } = shelf;
      const upTo = await keeper.newest();
      for (let after = ''; upTo !== null; ) {
        const page = await keeper.list({ after, upTo, count: PAGE });
        const last = page.at(-1);
        if (!last) break;
        const wanted = page.filter((letter) => isOf(company_id, viewOf(shelf, letter)));
        if (wanted.length > 0) done += (await keeper[act](wanted.map(({ id }) => id))).length;
        onProgress?.(done);
        after = last.id;
      }
    }
    return done;
  };

  return {
    list: (query) => reach(() => list(query)),
    get: (text) =>
      reach(async () => {
        const id = parseLetterId(text);
        const letter = id && (await shelfOf(id)?.keeper.get(id.entryId));
        return letter ? letterView(id, letter) : null;
      }),
    count: (lane) =>
      reach(async () => {
        let count = 0;
        for (const { keeper } of ofLane(lane)) count += await keeper.count();
        return count;
      }),
    handle: (act, ids, company_id) => reach(() => handle(act, ids, company_id)),
    handleAll: (act, which, onProgress) => reach(() => handleAll(act, which, onProgress)),
  };
}

const viewOf = ({ lane, partition }: Place, letter: KeptLetter): LetterView =>
  letterView({ lane, partition, entryId: letter.id }, letter);

/** Without a company any letter will do. */
const isOf = (company_id: number | undefined, letter: LetterView): boolean =>
  company_id === undefined || companyOfLetter(letter) === company_id;

type Place = Pick<LetterId, 'lane' | 'partition'>;

function compareShelves(a: Place, b: Place): number {
  return WORK_STREAMS.indexOf(a.lane) - WORK_STREAMS.indexOf(b.lane) || a.partition - b.partition;
}

async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StreamUnavailable('Redis, where the dead letters are, does not answer', { cause });
  }
}
