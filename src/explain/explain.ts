import type { Redis } from 'ioredis';
import type { Database } from '../db/database.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import type { Explain } from './explanation.ts';
import { createFinder } from './findings.ts';
import { createLetterSearch } from './letter-search.ts';
import { stepsOf } from './steps.ts';
import { createStreamTrace } from './stream-trace.ts';
import { judge } from './verdict.ts';

/** @param redis a connection that rejects at once while Redis is away; what is under way is then left out */
export function createExplain(deps: {
  database: Database;
  redis: Redis;
  partitions: LanePartitions;
  clock: () => Date;
}): Explain {
  const find = createFinder({
    database: deps.database,
    clock: deps.clock,
    trace: createStreamTrace(deps),
    searchLetter: createLetterSearch(deps),
  });

  return async (ask) => {
    const findings = await find(ask);
    const { event_id, user_id, company_id } = findings;
    return { event_id, user_id, company_id, ...judge(findings), steps: stepsOf(findings) };
  };
}
