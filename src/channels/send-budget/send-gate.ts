import type { Redis } from 'ioredis';
import type { Clock } from '#streams/clock.ts';
import { script } from '#streams/script.ts';

/** How much later than its slot a send may leave; later, the slot is forfeit. */
const SLACK_MS = 8;
/** How much the way from here to the receiver differs from one send to the next. */
const JITTER_MS = 4;
/** A second as the receiver sees it: 30 sends in it use 98.8 % of what Telegram allows, and never more. */
const WINDOW_MS = 1000 + SLACK_MS + JITTER_MS;
/** Above this rate a shorter window holds fewer slots, so that the list of them stays short, and no slot is scarce enough to be forfeit. */
const MAX_SLOTS = 100;

/**
 * KEYS: the slots given, newest first, in µs of Redis' own clock. ARGV: slots in a window, its length in µs, '1' for a
 * broadcast, '1' when a missing list means that nothing was ever sent. Answers how long to wait in µs; to a broadcast that
 * must ask again, minus that time.
 *
 * Else a missing list means that Redis was wiped: nobody knows what was sent last, so the window counts as full. A broadcast
 * gets a slot only when nobody waits for one: neither another broadcast nor a person's message.
 */
const reserveScript = script(`#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slots, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if ARGV[4] ~= '1' and redis.call('EXISTS', KEYS[1]) == 0 then
  for _ = 1, slots do redis.call('RPUSH', KEYS[1], string.format('%.0f', now)) end
end
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0) or 0)
if ARGV[3] == '1' and newest > now then return now - newest end
local oldest = tonumber(redis.call('LINDEX', KEYS[1], slots - 1) or 0)
local slot = math.max(now, newest, oldest + window)
redis.call('LPUSH', KEYS[1], string.format('%.0f', slot))
redis.call('LTRIM', KEYS[1], 0, slots - 1)
return slot - now`);

export type Lane = 'p2p' | 'broadcast';

export type Reservation =
  /** Send between the two, by the monotonic clock; later, the slot is forfeit. */
  { kind: 'slot'; fromMs: number; untilMs: number } | { kind: 'ask_again'; inMs: number };

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

  return {
    async reserve(lane) {
      const allowedMs = SLACK_MS + lackMs;
      const asked = clock.monotonicMs();
      const waitUs = (await reserveScript.run(
        redis,
        [key],
        [slots, windowUs + Math.round(lackMs * 1000), lane === 'broadcast' ? '1' : '0', isNew ? '1' : '0'],
      )) as number;
      isNew = false;
      // Redis read its clock between the question and the answer: the slot is neither begun early nor used late.
      const answered = clock.monotonicMs();
      lackMs = Math.min(1000, Math.max(0, answered - asked - SLACK_MS / 2));
      if (waitUs < 0) return { kind: 'ask_again', inMs: -waitUs / 1000 };
      const untilMs = rate > MAX_SLOTS ? Number.POSITIVE_INFINITY : asked + waitUs / 1000 + allowedMs;
      return { kind: 'slot', fromMs: answered + waitUs / 1000, untilMs };
    },
  };
}
