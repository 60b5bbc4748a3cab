import type { Sql } from '../db/database.ts';
import { type DueCompany, moveOn, recordDayLists } from '../db/day-lists.ts';
import { appendManyToOutbox } from '../db/outbox.ts';
import type { DayListDecision, SpecialistDayEvent } from '../domain/day-lists.ts';
import type { Initiator } from '../domain/events.ts';

/** The scheduler acts by itself. */
const SCHEDULER: Initiator = Object.freeze({ user_id: null, role: 'cron', channel: 'scheduler' });

/** What is to be done for one company. */
export interface CompanyPage {
  company: DueCompany;
  decision: DayListDecision;
  /** Whose turn it is, by id; empty where nobody's is. */
  specialists: readonly number[];
  /** Behind them there is nobody. */
  isLast: boolean;
  /** Why nothing can be decided: it is looked at again later. */
  error?: unknown;
}

/**
 * Writes down who gets a list, their events into the outbox, and how far each company has come: with one commit. A company that
 * another scheduler took, or that wants its lists at another time now, is left alone. Answers the events.
 */
export async function sendDayLists(
  tx: Sql,
  pages: readonly CompanyPage[],
  { now, newId }: { now: Date; newId: () => string },
): Promise<SpecialistDayEvent[]> {
  const events: SpecialistDayEvent[] = [];
  for (const { company, decision, specialists, isLast } of pages) {
    const { list, next } = decision;
    const last = specialists.at(-1);
    const place = list && last && !isLast ? { next: list.since, nextAfter: last } : { next, nextAfter: 0 };
    if (!(await moveOn(tx, company, place)) || !list) continue;
    for (const user_id of specialists)
      events.push({
        ...{ id: newId(), type: 'specialist_day', company_id: company.id, user_id, date: list.date },
        ...{ initiated_by: SCHEDULER, ts: Math.floor(now.getTime() / 1000) },
      });
  }
  const fresh = await recordDayLists(tx, events, now);
  await appendManyToOutbox(tx, fresh);
  return fresh;
}
