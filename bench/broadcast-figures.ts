import { type Arrival, type Booking, chatsOfBooking, isRecipient, RATE_PER_SECOND } from './broadcast-work.ts';
import { type Figures, percentile } from './rounds.ts';

const SECOND_MS = 1000;

/** What one run left behind. */
export interface RunRecord {
  recipients: number;
  /** In the order of their coming, from the broadcast's start on. */
  arrivals: readonly Arrival[];
  /** Made while the broadcast ran. */
  bookings: readonly Booking[];
  /** Chats whose first message the receiver was told to refuse. */
  scripted: ReadonlySet<number>;
  /** How many of the recipients the sender says it has not reached. */
  admittedLosses: number;
}

/** The most that came within any second (from a message on, the same moment a second later left out). */
export function mostInSlidingSecond(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of times.entries()) {
    while ((times[first] ?? at) <= at - SECOND_MS) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** How many were never reached, and how many messages came on top of the first. */
function countChats(chats: readonly number[], taken: ReadonlyMap<number, number>): { lost: number; repeated: number } {
  const times = chats.map((chat) => taken.get(chat) ?? 0);
  return {
    lost: times.filter((count) => count === 0).length,
    repeated: times.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
  };
}

function countBy(arrivals: readonly Arrival[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { chat } of arrivals) counts.set(chat, (counts.get(chat) ?? 0) + 1);
  return counts;
}

/** 429s that nobody had ordered: the sender was too fast. */
function earned429s({ arrivals, scripted }: RunRecord): { earned: number; ordered: number } {
  const refused = countBy(arrivals.filter(({ status }) => status === 429));
  const ordered = [...refused.keys()].filter((chat) => scripted.has(chat)).length;
  return { earned: [...refused.values()].reduce((sum, count) => sum + count, 0) - ordered, ordered };
}

/** Use of the budget from the broadcast's first message to its last, bookings' messages included. */
export function rateFigures(record: RunRecord): Figures {
  const taken = record.arrivals.filter(({ status }) => status === 200);
  const ofBroadcast = taken.filter(({ chat }) => isRecipient(chat));
  const firstAt = ofBroadcast[0]?.at ?? Number.NaN;
  const lastAt = ofBroadcast.at(-1)?.at ?? Number.NaN;
  const seconds = (lastAt - firstAt) / SECOND_MS;
  const gaps = taken.filter(({ at }) => at >= firstAt && at <= lastAt).length - 1;
  const reached = countBy(ofBroadcast);
  const { earned, ordered } = earned429s(record);
  return {
    'use of 30/s, %': (100 * gaps) / (RATE_PER_SECOND * seconds),
    'most in 1 s': mostInSlidingSecond(record.arrivals.map(({ at }) => at)),
    '429s': earned,
    '429s ordered': ordered,
    lost: record.recipients - reached.size,
    admitted: record.admittedLosses,
    repeated: ofBroadcast.length - reached.size,
    seconds,
  };
}

const ORDINALS = ['1st', '2nd', '3rd'];

/** From a booking's commit to the arrival of its first, second and third message. */
export function bookingFigures({ arrivals, bookings }: RunRecord): Figures {
  const taken = arrivals.filter(({ status, chat }) => status === 200 && !isRecipient(chat));
  const firstAt = new Map<number, number>();
  for (const { chat, at } of taken) if (!firstAt.has(chat)) firstAt.set(chat, at);
  const latencies = bookings.map(({ salon, committedAt }) =>
    chatsOfBooking(salon)
      .flatMap((chat) => firstAt.get(chat) ?? [])
      .map((at) => at - committedAt)
      .sort((a, b) => a - b),
  );
  const figures: Figures = { bookings: bookings.length };
  for (const [rank, ordinal] of ORDINALS.entries()) {
    const samples = latencies.flatMap((ofBooking) => ofBooking[rank] ?? []);
    figures[`${ordinal}: p50 ms`] = percentile(samples, 0.5);
    figures[`${ordinal}: p99 ms`] = percentile(samples, 0.99);
    figures[`${ordinal}: max ms`] = percentile(samples, 1);
  }
  const chats = bookings.flatMap(({ salon }) => chatsOfBooking(salon));
  return { ...figures, ...countChats(chats, countBy(taken)) };
}

const GOAL_USE_PERCENT = 98;
/** For the p99 of the k-th message, from 0: the gate's spacing for each that goes before. */
const goalMs = (rank: number): number => 100 + 34 * rank;

/** Which goals these figures miss, in words; empty when they meet all. */
export function missedGoals(rate: Figures, booking: Figures, calm: boolean): string[] {
  const missed: string[] = [];
  const limit = (what: string, value: number | undefined, most: number) => {
    if (!((value ?? Number.NaN) <= most)) missed.push(`${what} ${(value ?? Number.NaN).toFixed(0)} > ${most}`);
  };
  limit('most in 1 s', rate['most in 1 s'], RATE_PER_SECOND);
  limit('429s', rate['429s'], 0);
  limit('lost', rate.lost, 0);
  limit('repeated', rate.repeated, 0);
  limit("bookings' messages lost", booking.lost, 0);
  if (!calm) return missed;
  const use = rate['use of 30/s, %'] ?? Number.NaN;
  if (!(use >= GOAL_USE_PERCENT)) missed.push(`use ${use.toFixed(1)} % < ${GOAL_USE_PERCENT} %`);
  for (const [rank, ordinal] of ORDINALS.entries())
    limit(`${ordinal} message's p99`, booking[`${ordinal}: p99 ms`], goalMs(rank));
  return missed;
}
