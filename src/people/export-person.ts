import type { Redis } from 'ioredis';
import type { Database } from '../db/database.ts';
import { MAX_LISTED, type PersonRows, personRows } from '../db/person-reads.ts';
import type { LetterView } from '../dead-letters/letter-view.ts';
import { StreamUnavailable } from '../dispatch/event-publisher.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { createPersonLetters } from './person-letters.ts';
import { createPersonUnderWay, type EventUnderWay } from './under-way.ts';

/** All that is kept of a person. */
export interface PersonExport extends PersonRows {
  exported_at: Date;
  under_way: EventUnderWay[];
  dead_letters: LetterView[];
  /** The lists that may hold but their beginning. */
  incomplete: string[];
}

/** Null when there is no such user. @throws {StreamUnavailable} when Redis cannot be read */
export type ExportPerson = (userId: number) => Promise<PersonExport | null>;

export function createExportPerson(deps: {
  database: Database;
  /** A connection that rejects at once while Redis is away. */
  redis: Redis;
  partitions: LanePartitions;
  clock: () => Date;
}): ExportPerson {
  const { database, clock } = deps;
  const lettersOf = createPersonLetters(deps);
  const underWay = createPersonUnderWay(deps);

  return async (userId) => {
    const rows = await personRows(database.survey(), userId);
    if (!rows) return null;
    const { id, company_id } = rows.user;
    const booking_ids = new Set(rows.bookings.map((booking) => booking.id));
    const [under_way, dead_letters] = await reach(async () => [
      await underWay({ id, company_id, booking_ids }),
      await lettersOf({ id, company_id }),
    ]);
    const lists = { ...rows, under_way: under_way.items, dead_letters: dead_letters.items };
    const cut = Object.entries({ under_way, dead_letters }).flatMap(([name, { isWhole }]) => (isWhole ? [] : [name]));
    const long = Object.entries(lists).flatMap(([name, list]) =>
      Array.isArray(list) && list.length >= MAX_LISTED ? [name] : [],
    );
    return { exported_at: clock(), ...lists, incomplete: [...new Set([...long, ...cut])] };
  };
}

async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StreamUnavailable('Redis, where the dead letters are, does not answer', { cause });
  }
}
