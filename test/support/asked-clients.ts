import assert from 'node:assert/strict';
import { LADDER_STEPS, type LadderStep } from '#src/domain/events.ts';
import { type NoShowLadder, type StandingLadder, standingLadder } from '#src/domain/no-show-ladder.ts';
import { offsetKey, type ReminderOffset } from '#src/domain/reminder-offsets.ts';
import type { ReminderReaders } from './reminder-readers.ts';

const MINUTE_MS = 60_000;

/** A start that the client may be asked about, as the test knows it. */
export interface AskedStart {
  id: number;
  version: number;
  starts_at: Date;
  isOpen: boolean;
  /** Of the venue. */
  zone: string;
}

interface Question {
  start: string;
  ask: string;
  at: Date;
}

const nameOf = ({ id, version }: AskedStart): string => `${id}:${version}`;

export type AskedClients = ReturnType<typeof createAskedClients>;

/** What a company's ladder asked, was answered, and did about it, by what the test saw. */
export function createAskedClients(readers: Pick<ReminderReaders, 'clientsNight'>) {
  let ladder: StandingLadder | null = null;
  let questions: Question[] = [];
  let steps: { question: string; step: LadderStep }[] = [];
  /** The start that the client said they come to, by booking. */
  let confirmed = new Map<number, number>();

  const isConfirmed = ({ id, starts_at }: AskedStart): boolean => confirmed.get(id) === starts_at.getTime();
  const minutesTo = ({ push_after_min, call_after_min }: NoShowLadder, step: LadderStep): number | null =>
    step === 'push' ? push_after_min : call_after_min;

  /** The question that stands of a start, as the ladder asks now. */
  function questionOf(start: AskedStart): Question | undefined {
    if (!ladder) return undefined;
    const { ask, since } = ladder;
    return questions.find((one) => one.start === nameOf(start) && one.ask === offsetKey(ask) && one.at > since);
  }

  /** So long after the question, and not before the client is awake; null for a step that the ladder leaves out. */
  function dueAfter(question: Question, step: LadderStep, { zone }: AskedStart): Date | null {
    const minutes = ladder && minutesTo(ladder, step);
    if (minutes === null) return null;
    const due = new Date(question.at.getTime() + minutes * MINUTE_MS);
    return readers.clientsNight(due, zone)?.until ?? due;
  }

  const stepsAfter = ({ start, ask }: Question): LadderStep[] =>
    steps.filter(({ question }) => question === `${start} ${ask}`).map(({ step }) => step);

  return {
    ladder: (): NoShowLadder | null => ladder,
    forget(): void {
      [ladder, questions, steps, confirmed] = [null, [], [], new Map()];
    },
    /** Answers what is to stand in the company's row. */
    setLadder(next: NoShowLadder | null, now: Date): StandingLadder | null {
      ladder = next && standingLadder(ladder, next, now);
      return ladder;
    },
    confirm({ id, starts_at }: Pick<AskedStart, 'id' | 'starts_at'>): void {
      confirmed.set(id, starts_at.getTime());
    },
    isQuestion: (offset: ReminderOffset): boolean => ladder !== null && offsetKey(offset) === offsetKey(ladder.ask),
    /** The client has been told a reminder that asks. */
    hear(start: AskedStart, offset: ReminderOffset, now: Date): void {
      questions.push({ start: nameOf(start), ask: offsetKey(offset), at: now });
    },
    checkStep(start: AskedStart, step: LadderStep, now: Date): void {
      const what = `the ${step} of ${nameOf(start)}`;
      assert.ok(start.isOpen && start.starts_at > now, `${what} comes though it is over`);
      assert.ok(!isConfirmed(start), `${what} comes though the client had confirmed`);
      const question = questionOf(start);
      assert.ok(ladder && question, `${what} comes though nobody asked`);
      const due = dueAfter(question, step, start);
      assert.ok(due && now >= due, `${what} comes too soon`);
      assert.equal(readers.clientsNight(now, start.zone), null, `${what} comes in the client's quiet hours`);
      const before = stepsAfter(question);
      assert.ok(!before.includes(step), `${what} comes twice`);
      assert.ok(!before.includes('call'), `${what} comes after the call`);
      steps.push({ question: `${question.start} ${question.ask}`, step });
    },
    /** Whatever follows a question and is due has come, unless the client sleeps. */
    checkComplete(start: AskedStart, now: Date): void {
      const question = questionOf(start);
      if (!ladder || !question || !start.isOpen || start.starts_at <= now || isConfirmed(start)) return;
      if (readers.clientsNight(now, start.zone)) return;
      const came = stepsAfter(question);
      for (const step of LADDER_STEPS) {
        const due = dueAfter(question, step, start);
        if (!due || due > now) continue;
        assert.ok(came.includes(step) || came.includes('call'), `the ${step} of ${nameOf(start)} is missing`);
      }
    },
  };
}
