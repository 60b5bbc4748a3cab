import { decodeLadder, encodeLadder } from '../../db/no-show-ladder.ts';
import { type NoShowLadder, standingLadder } from '../../domain/no-show-ladder.ts';
import { offsetKey, type ReminderOffset } from '../../domain/reminder-offsets.ts';
import { invalidField } from '../problem.ts';
import type { Columns, KeptField } from './resource.ts';

/** How a company asks its clients whether they come: the column also says since when. */
export const keptLadder: KeptField = {
  store: (value, before, now) =>
    value === null ? null : encodeLadder(standingLadder(ladderOf(before), value as NoShowLadder, now)),
  show(stored) {
    const ladder = ladderOf(stored);
    if (!ladder) return null;
    const { ask, push_after_min, call_after_min } = ladder;
    return { ask, push_after_min, call_after_min };
  },
};

const ladderOf = (stored: unknown) => (typeof stored === 'string' ? decodeLadder(stored) : null);

/**
 * The question goes with one of the company's reminders, so that one cannot be missing.
 * @throws {Problem} naming the field that was to be set
 */
export function refuseUnaskedLadder(company: Columns, set: Columns): void {
  const ladder = company.no_show_ladder as NoShowLadder | null;
  const reminders = company.reminders as readonly ReminderOffset[];
  if (!ladder || reminders.some((offset) => offsetKey(offset) === offsetKey(ladder.ask))) return;
  throw 'no_show_ladder' in set
    ? invalidField('no_show_ladder.ask', 'must be one of the reminders')
    : invalidField('reminders', 'must hold the one that no_show_ladder asks with, unless that is changed too');
}
