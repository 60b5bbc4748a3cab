import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slidingCounts } from './broadcast-chart.ts';
import { bookingFigures, missedGoals, mostInSlidingSecond, type RunRecord, rateFigures } from './broadcast-figures.ts';
import { chatsOfBooking, recipientChat } from './broadcast-work.ts';

const SPACING_MS = 40;
const arrival = (at: number, chat: number, status = 200) => ({ at, chat, status });

/** 25 messages a second. */
function calmRun(change: Partial<RunRecord> = {}): RunRecord {
  const ofBroadcast = Array.from({ length: 91 }, (_, index) => arrival(index * SPACING_MS, recipientChat(index)));
  return { recipients: 91, arrivals: ofBroadcast, bookings: [], scripted: new Set(), admittedLosses: 0, ...change };
}

test('a sliding second leaves out what came exactly a second before', () => {
  const times = [0, 400, 999, 1000, 1001];
  assert.equal(mostInSlidingSecond(times), 4);
  assert.equal(mostInSlidingSecond([0, 1000, 2000]), 1);
  assert.equal(mostInSlidingSecond([]), 0);
});

test('25 messages a second are five sixths of the budget', () => {
  const figures = rateFigures(calmRun());
  assert.ok(Math.abs((figures['use of 30/s, %'] ?? 0) - 250 / 3) < 1e-6);
  assert.deepEqual([figures['429s'], figures.lost, figures.repeated], [0, 0, 0]);
});

test('who was never reached is lost, and a second message is a repetition', () => {
  const { arrivals } = calmRun();
  const figures = rateFigures(
    calmRun({ arrivals: [...arrivals.slice(0, -1), arrival(4000, recipientChat(0)), arrival(4100, recipientChat(5))] }),
  );
  assert.deepEqual([figures.lost, figures.repeated], [1, 2]);
});

test('a 429 that the receiver was told to give is not the sender’s fault, a second one is', () => {
  const { arrivals } = calmRun();
  const chat = recipientChat(90);
  const refused = [arrival(4000, chat, 429), arrival(4100, chat, 429), arrival(4200, recipientChat(1), 429)];
  const figures = rateFigures(calmRun({ arrivals: [...arrivals, ...refused], scripted: new Set([chat]) }));
  assert.deepEqual([figures['429s'], figures['429s ordered']], [2, 1]);
});

test('a booking’s messages are timed in the order of their arrival, repetitions aside', () => {
  const [client = 0, specialist = 0, admin = 0] = chatsOfBooking(7);
  const arrivals = [arrival(530, admin), arrival(510, client), arrival(700, client), arrival(560, specialist)];
  const figures = bookingFigures(calmRun({ arrivals, bookings: [{ salon: 7, committedAt: 500 }] }));
  assert.deepEqual(
    [1, 2, 3].map((k) => figures[`${['1st', '2nd', '3rd'][k - 1]}: max ms`]),
    [10, 30, 60],
  );
  assert.deepEqual([figures.lost, figures.repeated], [0, 1]);
});

test('latency and use are goals of the undisturbed run alone; a loss always counts', () => {
  const record = calmRun({ recipients: 92, bookings: [{ salon: 7, committedAt: 0 }] });
  const disturbed = missedGoals(rateFigures(record), bookingFigures(record), false);
  assert.deepEqual(disturbed, ['lost 1 > 0', "bookings' messages lost 3 > 0"]);
  assert.equal(missedGoals(rateFigures(record), bookingFigures(record), true).length, disturbed.length + 4);
});

test('the chart counts the second before each point', () => {
  const points = slidingCounts([0, 500, 1000], 0, 1500);
  assert.deepEqual(
    points.filter(([seconds]) => seconds % 0.5 === 0),
    [
      [0, 1],
      [0.5, 2],
      [1, 2],
      [1.5, 1],
    ],
  );
});
