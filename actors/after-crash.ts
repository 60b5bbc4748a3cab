import type { RecipientRecord } from '#streams/entry.ts';

/** How many crashes make a recipient a suspect: it then runs alone before the partition opens. */
const SUSPECT_CRASHES = 2;

export type Verdict = 'unconcerned' | 'bystander' | 'suspect' | 'convicted';

/**
 * What it means for a recipient that its process ended. Only one that brought a process down while nothing else was under way
 * is convicted; whoever was merely there keeps an attempt, however many processes end around it.
 */
export function afterCrash(
  record: RecipientRecord,
  maxDeliveries: number,
): { verdict: Verdict; record: RecipientRecord } {
  if (record.state !== 'started' && record.state !== 'alone') return { verdict: 'unconcerned', record };
  const crashes = record.crashes + 1;
  if (record.state === 'alone' && record.attempts >= maxDeliveries)
    return { verdict: 'convicted', record: { ...record, crashes } };
  const attempts = Math.min(record.attempts, maxDeliveries - 1);
  const verdict = crashes >= SUSPECT_CRASHES ? 'suspect' : 'bystander';
  return { verdict, record: { ...record, attempts, crashes, state: 'waiting' } };
}
