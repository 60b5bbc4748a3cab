import type { Interruption, Send } from './interruptions.ts';
import { findExplanation, inFlightCount, type SendSpan } from './interruptions.ts';

/** An event as the database committed it. */
export interface CommittedEvent {
  /** The order of commit. */
  seq: number;
  id: string;
  company: number;
  booking: number;
  type: string;
  /** The booking's version that the event made. */
  version: number;
  /** When the booking started before and starts now (ISO 8601). */
  from: string | null;
  to: string;
}

/** A row of the delivery log. */
export interface LoggedEnd {
  event: string;
  chat: number;
  status: 'delivered' | 'suppressed' | 'dead';
  reason: string | null;
  attempts: number;
  messageId: number | null;
  /** Unix time in ms. */
  loggedAt: number;
}

export interface History {
  committed: readonly CommittedEvent[];
  /** Who must hear of a company's events. */
  chats: ReadonlyMap<number, readonly number[]>;
  /** The number of a company's partition. */
  partitionOf(company: number): number;
  /** In the order of their arrival at Telegram. */
  sends: readonly Send[];
  log: readonly LoggedEnd[];
  interruptions: readonly Interruption[];
}

/** One recipient of one event. */
export interface Pair {
  event: CommittedEvent;
  chat: number;
}

export interface Duplicate extends Pair {
  firstAt: number;
  againAt: number;
  /** The kill at which the send was in flight; null: nothing excuses it. */
  explanation: Interruption | null;
}

export interface Verdict {
  events: number;
  /** Recipients of committed events; each must end exactly once. */
  accepted: number;
  delivered: number;
  suppressed: number;
  dead: number;
  lost: Pair[];
  duplicates: Duplicate[];
  /** First deliveries that came after one that was committed later. */
  reordered: (Pair & { behind: CommittedEvent })[];
  /** Messages that tell of nothing that was committed. */
  strangers: Send[];
  /** Where the delivery log says what did not happen. */
  misreported: (Pair & { what: string })[];
  /** Sends in flight at the interruptions, in all. */
  inFlight: number;
}

/** How many failed attempts a message dies of. */
const MAX_DELIVERIES = 3;

const keyOf = (chat: number, event: string): string => `${chat} ${event}`;

/** Each accepted send of a pair, and until when its result was at risk. */
function spansOf(partition: number, arrivals: readonly Send[], row: LoggedEnd | undefined): SendSpan[] {
  return arrivals.map((send, index) => {
    const isLogged = row?.status === 'delivered' && row.messageId === send.messageId;
    const end = isLogged ? row.loggedAt : (arrivals[index + 1]?.at ?? row?.loggedAt ?? Number.POSITIVE_INFINITY);
    return { partition, at: send.at, end };
  });
}

/** A message about a booking that was cancelled or moved back later may rightly be dropped. */
function maySupersede(event: CommittedEvent, later: CommittedEvent): boolean {
  return later.seq > event.seq && (later.type === 'booking_cancelled' || later.to === event.from);
}

/** A kill may cost an attempt, but never the last one. */
function diedEarly({ sends, interruptions, partitionOf }: History, { event, chat }: Pair, row: LoggedEnd): boolean {
  const failed = sends.filter((send) => send.failed && send.chat === chat && send.event === event.id).length;
  const partition = partitionOf(event.company);
  const struck = interruptions.filter(
    ({ at, partitions }) => at <= row.loggedAt && (partitions === null || partitions.includes(partition)),
  ).length;
  return failed === 0 || failed + struck < MAX_DELIVERIES;
}

/** What is wrong with the log's word on a pair; null when it agrees with what arrived. */
function misreport(
  history: History,
  { event, chat }: Pair,
  arrivals: Send[],
  row: LoggedEnd | undefined,
): string | null {
  if (row === undefined) return arrivals.length > 0 ? 'delivered, and the log knows nothing of it' : null;
  const spans = () => spansOf(history.partitionOf(event.company), arrivals, row);
  const excused = () => spans().some((span) => findExplanation(span, null, history.interruptions));
  switch (row.status) {
    case 'delivered':
      if (arrivals.some(({ messageId }) => messageId === row.messageId)) return null;
      return `logged as delivered by message ${row.messageId}, which never arrived`;
    case 'suppressed': {
      const isRight =
        row.reason === 'superseded' &&
        history.committed.some((later) => later.booking === event.booking && maySupersede(event, later));
      if (!isRight) return `suppressed as ${row.reason}`;
      return arrivals.length === 0 || excused() ? null : 'delivered, and logged as suppressed';
    }
    case 'dead':
      if (arrivals.length > 0 && !excused()) return 'delivered, and logged as dead';
      return diedEarly(history, { event, chat }, row) ? 'dead before its time' : null;
    default:
      return row.status satisfies never;
  }
}

function findReordered(firsts: readonly Pair[]): Verdict['reordered'] {
  const newest = new Map<number, CommittedEvent>();
  const reordered: Verdict['reordered'] = [];
  for (const { chat, event } of firsts) {
    const before = newest.get(chat);
    if (before && before.seq > event.seq) reordered.push({ chat, event, behind: before });
    else newest.set(chat, event);
  }
  return reordered;
}

/** Compares what was committed with what arrived and what was logged. Meant for a history that has come to rest. */
export function checkHistory(history: History): Verdict {
  const byId = new Map(history.committed.map((event) => [event.id, event]));
  const log = new Map(history.log.map((row) => [keyOf(row.chat, row.event), row]));
  const arrived = new Map<string, Send[]>();
  const firsts: Pair[] = [];
  const strangers: Send[] = [];
  for (const send of history.sends.filter(({ accepted }) => accepted)) {
    const event = byId.get(send.event ?? '');
    if (!event || !history.chats.get(event.company)?.includes(send.chat)) {
      strangers.push(send);
      continue;
    }
    const arrivals = arrived.get(keyOf(send.chat, event.id)) ?? [];
    if (arrivals.length === 0) firsts.push({ chat: send.chat, event });
    arrived.set(keyOf(send.chat, event.id), [...arrivals, send]);
  }

  const counts = { events: history.committed.length, accepted: 0, delivered: 0, suppressed: 0, dead: 0 };
  const [lost, duplicates, misreported]: [Pair[], Duplicate[], Verdict['misreported']] = [[], [], []];
  const spans: SendSpan[] = [];
  for (const event of history.committed)
    for (const chat of history.chats.get(event.company) ?? []) {
      const [arrivals, row] = [arrived.get(keyOf(chat, event.id)) ?? [], log.get(keyOf(chat, event.id))];
      counts.accepted += 1;
      if (arrivals.length > 0) counts.delivered += 1;
      else if (row && row.status !== 'delivered') counts[row.status] += 1;
      else lost.push({ event, chat });
      const what = misreport(history, { event, chat }, arrivals, row);
      if (what !== null) misreported.push({ event, chat, what });
      const own = spansOf(history.partitionOf(event.company), arrivals, row);
      spans.push(...own);
      for (const [index, again] of own.slice(1).entries()) {
        const first = own[index] as SendSpan;
        const explanation = findExplanation(first, again, history.interruptions);
        duplicates.push({ event, chat, firstAt: first.at, againAt: again.at, explanation });
      }
    }
  const inFlight = inFlightCount(spans, history.interruptions);
  return { ...counts, lost, duplicates, reordered: findReordered(firsts), strangers, misreported, inFlight };
}
