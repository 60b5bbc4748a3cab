import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '#streams/clock.ts';
import { script } from '#streams/script.ts';
import type { Lane } from '../../domain/lanes.ts';

/** How much later than its slot a send may leave; later, the slot is forfeit. */
const SLACK_MS = 8;
/** How much the way from here to the receiver differs from one send to the next. */
const JITTER_MS = 4;
/** So many answers tell how long the way usually takes: as long as the fastest of them. */
const ANSWERS_TO_KNOW = 100;
/** A second as the receiver sees it: 30 sends in it use 98.8 % of what Telegram allows, and never more. */
const WINDOW_MS = 1000 + SLACK_MS + JITTER_MS;
/** Above this rate a shorter window holds fewer slots, so that the list of them stays short, and no slot is scarce enough to be forfeit. */
const MAX_SLOTS = 100;

/**
 * KEYS: the slots given, by their times in µs of Redis' own clock. ARGV: slots in a window, its length in µs, '1' for a broadcast,
 * '1' when a missing key means that nothing was ever sent, the new slot's id. Answers how long to wait in µs; to a broadcast
 * that must ask again, minus that time.
 *
 * Else a missing key means that Redis was wiped: nobody knows what was sent last, so the window counts as full. A broadcast
 * gets a slot only when nobody waits for one: neither another broadcast nor a person's message.
 */
const reserveScript = script(`#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slots, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if ARGV[4] ~= '1' and redis.call('EXISTS', KEYS[1]) == 0 then
  for n = 1, slots do redis.call('ZADD', KEYS[1], now, 'unknown:' .. n) end
end
local function at(rank) return tonumber(redis.call('ZREVRANGE', KEYS[1], rank, rank, 'WITHSCORES')[2] or 0) end
local newest = at(0)
if ARGV[3] == '1' and newest > now then return now - newest end
local slot = math.max(now, newest, at(slots - 1) + window)
redis.call('ZADD', KEYS[1], slot, ARGV[5])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -slots - 1)
return slot - now`);

/** KEYS: the slots given. ARGV: a slot's id, by how many µs its message may have arrived later. */
const arrivedLateScript = script(`#!lua flags=allow-oom
local slot = redis.call('ZSCORE', KEYS[1], ARGV[1])
if slot then redis.call('ZADD', KEYS[1], 'XX', slot + ARGV[2], ARGV[1]) end`);

export type Reservation =
  | {
      kind: 'slot';
      /** Send between the two, by the monotonic clock; later, the slot is forfeit. */
      fromMs: number;
      untilMs: number;
      /** Tells when its answer came. */
      answered(): void;
    }
  | { kind: 'ask_again'; inMs: number };

/** Grants every process its moments to send: never more than the rate in any sliding second, as the receiver sees it. */
export interface SendGate {
  /** @throws what Redis throws while it is away. */
  reserve(lane: Lane): Promise<Reservation>;
}

/**
 * @param rate messages a second, over all processes that share the key
 * @param isNew nothing was ever sent under this key
 */
export function createSendGate(deps: {
  redis: Redis;
  key: string;
  rate: number;
  isNew: boolean;
  clock: Pick<Clock, 'monotonicMs'>;
}): SendGate {
  const { redis, key, rate, clock } = deps;
  const slots = Math.min(rate, MAX_SLOTS);
  const windowUs = Math.round(WINDOW_MS * 1000 * (slots / rate));
  let isNew = deps.isNew;
  /** What the slack lacked at the last question; from a far Redis slots are taken with that much more between them. */
  let lackMs = 0;
  /** How long after its slot a message is answered that nothing held up; nothing is taken for usual before it is known. */
  let usualMs = 0;
  let fastest = { ms: Number.POSITIVE_INFINITY, of: 0 };

  /**
   * A message that was held up on its way arrived when its answer says at the latest: it counts from there on. So a burst that
   * the process or the receiver could not take at once does not run into the next one.
   */
  function noteAnswer(id: string, slotMs: number): void {
    const tookMs = clock.monotonicMs() - slotMs;
    learn(tookMs);
    const lateMs = tookMs - usualMs - SLACK_MS - JITTER_MS;
    if (lateMs <= 0 || rate > MAX_SLOTS) return;
    // Should it not get there, the gate knows the slot's own time.
    arrivedLateScript.run(redis, [key], [id, Math.round(lateMs * 1000)]).catch(() => undefined);
  }

  function learn(tookMs: number): void {
    fastest = { ms: Math.min(fastest.ms, tookMs), of: fastest.of + 1 };
    usualMs = Math.min(usualMs, fastest.ms);
    if (fastest.of < ANSWERS_TO_KNOW) return;
    usualMs = fastest.ms;
    fastest = { ms: Number.POSITIVE_INFINITY, of: 0 };
  }

  return {
    async reserve(lane) {
      const allowedMs = SLACK_MS + lackMs;
      const id = randomUUID();
      const windowNowUs = windowUs + Math.round(lackMs * 1000);
      const args = [slots, windowNowUs, lane === 'broadcast' ? '1' : '0', isNew ? '1' : '0', id];
      const asked = clock.monotonicMs();
      const waitUs = (await reserveScript.run(redis, [key], args)) as number;
      isNew = false;
      // Redis read its clock between the question and the answer: the slot is neither begun early nor used late.
      const answered = clock.monotonicMs();
      lackMs = Math.min(1000, Math.max(0, answered - asked - SLACK_MS / 2));
      if (waitUs < 0) return { kind: 'ask_again', inMs: -waitUs / 1000 };
      const slotMs = asked + waitUs / 1000;
      const untilMs = rate > MAX_SLOTS ? Number.POSITIVE_INFINITY : slotMs + allowedMs;
      const fromMs = answered + waitUs / 1000;
      return { kind: 'slot', fromMs, untilMs, answered: () => noteAnswer(id, slotMs) };
    },
  };
}
