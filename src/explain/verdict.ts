import type { ListedDelivery } from '../db/delivery-list.ts';
import type { BroadcastStatus } from '../domain/broadcasts.ts';
import { quietAt } from '../domain/quiet-hours.ts';
import type { Verdict } from './explanation.ts';
import type { Findings } from './findings.ts';
import { failureWords, suppressionWords } from './reasons.ts';

/** What the findings come to, in a word and in a sentence. */
export interface Judgement {
  verdict: Verdict;
  explanation: string;
}

export function judge(findings: Findings): Judgement {
  const { user_id, event_id, logged, event, letter } = findings;
  const who = `User ${user_id}`;
  if (logged) return isReplayed(findings) ? replayed(who) : withWhatIsHidden(ended(who, logged), findings);
  if (letter) return deadAsAWhole(letter.last_error);
  if (!event) return unknown(event_id, findings);
  if (!isConcerned(findings)) return mayBecomeConcerned(findings) ?? notConcerned(who, findings);
  if (event.broadcast) return inBroadcast(who, findings);
  if (isUnderWay(findings)) return underWay(who, findings);
  return findings.traced === null ? outOfSight(who, 'would hear of such an event now') : notConcernedThen(who);
}

/** Does the event, or what is left of it, still go somewhere? */
const isUnderWay = ({ traced, source }: Findings): boolean =>
  source === 'outbox' || source === 'held' || (traced ?? []).length > 0;

const isReplayed = ({ logged, traced }: Findings): boolean =>
  logged?.status !== 'delivered' && (traced ?? []).some((entry) => entry.isReplay);

export function isConcerned({ event, selection, chunk, user_id, traced }: Findings): boolean {
  const hasPlace = selection !== null && (selection.chosen !== null || selection.excluded !== null);
  return (
    hasPlace ||
    event?.day?.user_id === user_id ||
    (chunk?.members.includes(user_id) ?? false) ||
    (traced ?? []).some(({ record }) => record !== null)
  );
}

/** A replay of what had died would be in Redis. */
function withWhatIsHidden(judgement: Judgement, { traced }: Findings): Judgement {
  if (judgement.verdict !== 'dead' || traced !== null) return judgement;
  return { ...judgement, explanation: `${judgement.explanation} ${REDIS_IS_AWAY}` };
}

const attemptsOf = (count: number): string => (count === 1 ? 'one attempt' : `${count} attempts`);

function ended(who: string, { status, channel, role, reason, attempts, finished_at }: ListedDelivery): Judgement {
  const at = finished_at.toISOString();
  switch (status) {
    case 'delivered': {
      const over = channel === 'web_push' ? 'Web Push' : 'Telegram';
      return { verdict: status, explanation: `${who} got the message as ${role} over ${over} at ${at}.` };
    }
    case 'suppressed':
      return {
        verdict: status,
        explanation: `${who} was not sent the message, because ${suppressionWords(reason)} (decided at ${at}).`,
      };
    case 'dead':
      return {
        verdict: status,
        explanation: `${who} was not reached: given up at ${at} after ${attemptsOf(attempts)}. ${failureWords(reason)}`,
      };
    default:
      return status satisfies never;
  }
}

function replayed(who: string): Judgement {
  return {
    verdict: 'under_way',
    explanation: `${who} was not reached at first; the dead letter is being replayed now.`,
  };
}

function deadAsAWhole(error: string | null): Judgement {
  return {
    verdict: 'dead',
    explanation: `Nobody was told: the event has died before its recipients were known. ${failureWords(error)}`,
  };
}

function unknown(event_id: string, { company_id, traced }: Findings): Judgement {
  const whose =
    company_id === null ? 'Name the company too: this user is not known' : `Company ${company_id} has no such event`;
  const away = traced === null ? ` ${REDIS_IS_AWAY}` : '';
  return {
    verdict: 'unknown_event',
    explanation: `Nothing is known of event ${JSON.stringify(event_id)}. ${whose}, or the log of that time is no longer kept.${away}`,
  };
}

const REDIS_IS_AWAY = 'Redis does not answer now, so what is on its way cannot be seen. Ask again when it is back.';

const outOfSight = (who: string, what: string): Judgement => ({
  verdict: 'undecided',
  explanation: `${who} ${what}. ${REDIS_IS_AWAY}`,
});

/** Null where it is certain that the user has no place in the event. */
function mayBecomeConcerned({ user_id, reader, event, broadcast, chunk, traced }: Findings): Judgement | null {
  if (reader === null) return null;
  const who = `User ${user_id}`;
  if (event?.type !== 'broadcast')
    return traced === null ? outOfSight(who, 'has no place in the event by the facts of now') : null;
  if (chunk !== null || !broadcast?.mayCome) return null;
  if (broadcast.status === 'cancelled')
    return {
      verdict: 'suppressed',
      explanation: `${who} was not sent the message: the broadcast was cancelled before its people were chosen.`,
    };
  const when = WAITS_FOR[broadcast.status];
  return {
    verdict: 'undecided',
    explanation: `It is not decided yet whether ${who.toLowerCase()} is among the people of the broadcast${when}.`,
  };
}

const WAITS_FOR: Readonly<Record<Exclude<BroadcastStatus, 'cancelled'>, string>> = {
  scheduled: ': they are chosen when its time has come',
  running: ': it runs, and they are being chosen',
  paused: ', which is paused: they are chosen when it goes on',
  completed: '',
};

function notConcerned(who: string, { reader, event }: Findings): Judgement {
  const why =
    reader === null
      ? 'is not a user of this company'
      : event?.type === 'broadcast'
        ? 'is not among its people'
        : event?.day
          ? 'has no place in it: it is the list of another specialist'
          : 'has no place in it: the event is not about a booking of theirs, nor are they an admin of the company';
  return { verdict: 'not_concerned', explanation: `The event is known, and ${who.toLowerCase()} ${why}.` };
}

function notConcernedThen(who: string): Judgement {
  return {
    verdict: 'not_concerned',
    explanation: `${who} would hear of such an event now, but had no place in it when it was told: the log does not name them.`,
  };
}

function inBroadcast(who: string, findings: Findings): Judgement {
  const { broadcast_status: status, chunk_state } = findings.chunk ?? {};
  if (chunk_state === 'finished')
    return {
      verdict: 'unknown_event',
      explanation: `${who} was in the broadcast, and the log of that time is no longer kept.`,
    };
  if (status === 'cancelled')
    return {
      verdict: 'suppressed',
      explanation: `${who} was not sent the message: the broadcast was cancelled before their turn.`,
    };
  if (status === 'paused')
    return {
      verdict: 'under_way',
      explanation: `${who} is to hear of it when the broadcast, which is paused, goes on.`,
    };
  return waitsForMorning(who, findings) ?? underWay(who, findings);
}

/** Null where it is not for quiet hours that they have not got it yet. */
function waitsForMorning(who: string, { reader, chunk, now }: Findings): Judgement | null {
  if (reader === null || reader.ads_opt_out || chunk?.chunk_state !== 'waiting' || chunk.is_test) return null;
  const quiet = quietAt(reader, 'broadcasts', now);
  if (!quiet) return null;
  const explanation = `${who} is to hear of it after their quiet hours, which end at ${quiet.until.toISOString()}.`;
  return { verdict: 'under_way', explanation };
}

function underWay(who: string, { traced, selection, source, held_until }: Findings): Judgement {
  const record = (traced ?? []).find((entry) => entry.record)?.record;
  const says = (explanation: string): Judgement => ({ verdict: 'under_way', explanation });
  if (!record && selection?.excluded)
    return says(
      `${who} will not be sent the message, because ${suppressionWords(selection.excluded.reason)}; this is not written down yet.`,
    );
  if (!record && held_until)
    return says(
      `${who} is to be told when the move has waited for further ones of the booking, until ${held_until.toISOString()}.`,
    );
  if (!record && source === 'outbox') return says(`${who} is to be told; the event waits in the outbox for Redis.`);
  if (!record || record.attempts === 0) return says(`${who} is to be told; the message waits for its first attempt.`);
  if (record.state === 'waiting')
    return says(`${who} was not reached yet: ${attemptsOf(record.attempts)} failed, and the next one follows.`);
  if (record.state === 'done') return says(`It has ended for ${who.toLowerCase()} and is being written down.`);
  return says(`${who} is being told right now, in attempt ${record.attempts}.`);
}
