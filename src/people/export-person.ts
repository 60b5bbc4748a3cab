import type { Database } from '../db/database.ts';
import { MAX_LISTED, type PersonRows, personRows } from '../db/person-reads.ts';
import type { DeadLetterService } from '../dead-letters/dead-letter-service.ts';
import type { LetterView } from '../dead-letters/letter-view.ts';

const PAGE = 200;

/** All that is kept of a person. */
export interface PersonExport extends PersonRows {
  exported_at: Date;
  dead_letters: LetterView[];
  /** The lists that hold but their beginning. */
  incomplete: string[];
}

/** Null when there is no such user. @throws {StreamUnavailable} when the dead letters cannot be read */
export type ExportPerson = (userId: number) => Promise<PersonExport | null>;

export function createExportPerson(deps: {
  database: Database;
  deadLetters: DeadLetterService;
  clock: () => Date;
}): ExportPerson {
  const { database, deadLetters, clock } = deps;

  async function lettersOf(user_id: number, company_id: number): Promise<LetterView[]> {
    const found: LetterView[] = [];
    for (let after: Parameters<DeadLetterService['list']>[0]['after']; ; ) {
      const { items, next } = await deadLetters.list({ company_id, limit: PAGE, after });
      found.push(...items.filter((letter) => letter.user_id === user_id));
      if (next === null) return found;
      after = next;
    }
  }

  return async (userId) => {
    const rows = await personRows(database.read(), userId);
    if (!rows) return null;
    const dead_letters = await lettersOf(userId, rows.user.company_id);
    const incomplete = (['bookings', 'deliveries'] as const).filter((list) => rows[list].length >= MAX_LISTED);
    return { exported_at: clock(), ...rows, dead_letters, incomplete };
  };
}
