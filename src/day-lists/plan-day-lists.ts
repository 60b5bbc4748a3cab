import type { Sql } from '../db/database.ts';
import { type DueCompany, dueCompanies, specialistsBetween } from '../db/day-lists.ts';
import { type DayListDecision, decideDayLists, endOfDay } from '../domain/day-lists.ts';
import type { CompanyPage } from './send-day-lists.ts';

/** Companies in one commit. */
const MOST_COMPANIES = 16;

/** A company on which nothing can be decided, such as one in a zone that this runtime does not know, is tried again then. */
const UNDECIDABLE_AGAIN_MS = 5 * 60_000;

/**
 * Whose lists are due, as far as there is room; companies share it.
 * @param full companies that get none of it
 */
export async function planDayLists(
  sql: Sql,
  now: Date,
  room: number,
  full: ReadonlySet<number> = new Set(),
): Promise<CompanyPage[]> {
  const companies = await dueCompanies(sql, now, { most: Math.min(room, MOST_COMPANIES), full });
  const share = Math.floor(room / Math.max(1, companies.length));
  const pages: CompanyPage[] = [];
  for (const company of companies) pages.push(await pageOf(sql, company, now, share));
  return pages;
}

async function pageOf(sql: Sql, company: DueCompany, now: Date, most: number): Promise<CompanyPage> {
  const { decision, to, error } = decide(company, now);
  if (!decision.list || !to) return { company, decision, specialists: [], isLast: true, error };
  const { after } = decision.list;
  const specialists = await specialistsBetween(sql, { id: company.id, after }, { from: now, to, most });
  return { company, decision, specialists, isLast: specialists.length < most };
}

/** One company must not keep the others. */
function decide(company: DueCompany, now: Date): { decision: DayListDecision; to?: Date; error?: unknown } {
  try {
    const decision = decideDayLists({ ...company, now });
    return { decision, ...(decision.list && { to: endOfDay(decision.list.date, company.time_zone) }) };
  } catch (error) {
    return { decision: { list: null, next: new Date(now.getTime() + UNDECIDABLE_AGAIN_MS) }, error };
  }
}
