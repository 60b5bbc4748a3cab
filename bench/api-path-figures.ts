import type { Posted } from './api-load.ts';
import { spreadOf } from './latency-spread.ts';
import type { Figures } from './rounds.ts';
import { chatOf, PEOPLE, slotOf } from './salons.ts';

/** A message that came; the time is of `monotonicMs`. */
export interface MessageArrival {
  at: number;
  chat: number;
  /** Of the booking it tells of, Unix time in milliseconds. */
  startsAt: number;
}

const keyOf = (chat: number, startsAt: number): string => `${chat} ${startsAt}`;

/** The chats that each booking is told in, with its time: no two bookings share both. */
const messagesOf = (number: number, salons: number): string[] => {
  const { salon, startsAt } = slotOf(number, salons);
  return PEOPLE.map((person) => keyOf(chatOf(salon, person), startsAt));
};

/** From each booking to each of its messages; what came of other bookings does not count. */
export function pathFigures(posted: readonly Posted[], arrivals: readonly MessageArrival[], salons: number): Figures {
  const arrivedAt = new Map<string, number[]>();
  for (const { at, chat, startsAt } of arrivals) {
    const key = keyOf(chat, startsAt);
    arrivedAt.set(key, [...(arrivedAt.get(key) ?? []), at]);
  }
  const afterDue: number[] = [];
  const afterAnswer: number[] = [];
  const counts = { arrived: 0, lost: 0, repeated: 0 };
  for (const { number, dueAt, answeredAt } of posted) {
    for (const key of messagesOf(number, salons)) {
      const [first, ...more] = arrivedAt.get(key) ?? [];
      counts.repeated += more.length;
      if (first === undefined) {
        counts.lost += 1;
        continue;
      }
      counts.arrived += 1;
      afterDue.push(first - dueAt);
      afterAnswer.push(first - answeredAt);
    }
  }
  const due = spreadOf(afterDue);
  const answer = spreadOf(afterAnswer);
  return {
    'from due: p50 ms': due.p50,
    'from due: p99 ms': due.p99,
    'from due: max ms': due.max,
    'from answer: p50 ms': answer.p50,
    'from answer: p99 ms': answer.p99,
    ...counts,
  };
}
