import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessageArrival, pathFigures } from './api-path-figures.ts';
import { chatOf, PEOPLE, slotOf } from './salons.ts';

const SALONS = 2;
const posted = [0, 1, 2].map((number) => ({ number, dueAt: 1000 * number, answeredAt: 1000 * number + 10 }));

/** All messages of the booking, the k-th so many milliseconds after it was due. */
const told = (number: number, ...afterMs: number[]): MessageArrival[] => {
  const { salon, startsAt } = slotOf(number, SALONS);
  return PEOPLE.map((person, rank) => ({
    at: 1000 * number + (afterMs[rank] ?? 0),
    chat: chatOf(salon, person),
    startsAt,
  }));
};

test('a latency runs from when the booking was due, and from its answer', () => {
  const figures = pathFigures(posted, [...told(0, 20, 30, 40), ...told(1, 20, 30, 40), ...told(2, 20, 30, 90)], SALONS);
  assert.deepEqual(figures, {
    'from due: p50 ms': 30,
    'from due: p99 ms': 90,
    'from due: max ms': 90,
    'from answer: p50 ms': 20,
    'from answer: p99 ms': 80,
    arrived: 9,
    lost: 0,
    repeated: 0,
  });
});

test('two bookings of one person are told apart', () => {
  const figures = pathFigures(posted, [...told(0, 20, 20, 20), ...told(2, 20, 20, 20)], SALONS);
  assert.deepEqual([figures.arrived, figures.lost], [6, 3]);
});

test('a message that comes again is repeated, and counts from its first coming', () => {
  const all = posted.flatMap(({ number }) => told(number, 20, 20, 20));
  const [again] = told(1, 700);
  const figures = pathFigures(posted, [...all, ...(again ? [again] : [])], SALONS);
  assert.deepEqual([figures.arrived, figures.repeated, figures['from due: max ms']], [9, 1, 20]);
});

test('messages of bookings that are not looked at do not count', () => {
  const [first] = posted;
  const figures = pathFigures(first ? [first] : [], [...told(0, 20, 20, 20), ...told(1, 1, 1, 1)], SALONS);
  assert.deepEqual([figures.arrived, figures.lost, figures.repeated, figures['from due: max ms']], [3, 0, 0, 20]);
});
