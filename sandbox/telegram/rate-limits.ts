/** What Telegram grants a bot (Bots FAQ, "My bot is hitting limits"): messages, and bursts to one chat. */
export interface RateLimits {
  overallPerSecond: number;
  /** Those sent with `allow_paid_broadcast`; the free ones are counted without them (Bot API, sendMessage). */
  paidPerSecond: number;
  perChatPerSecond: number;
  /** How many messages one chat may get at once before the rate per chat rules. */
  perChatBurst: number;
  perGroupPerMinute: number;
}

export const TELEGRAM_RATE_LIMITS: Readonly<RateLimits> = Object.freeze({
  overallPerSecond: 30,
  paidPerSecond: 1_000,
  perChatPerSecond: 1,
  perChatBurst: 5,
  perGroupPerMinute: 20,
});

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export interface RateGate {
  /**
   * Asks for one message at `now` (monotonic milliseconds, never going back). Answers 0 and counts it, or the seconds
   * to wait, and counts nothing.
   */
  take(chatId: number, now: number, options?: { paid?: boolean }): number;
}

export function createRateGate(limits: RateLimits): RateGate {
  const free = createSlidingWindow(limits.overallPerSecond, SECOND_MS);
  const bought = createSlidingWindow(limits.paidPerSecond, SECOND_MS);
  const buckets = new Map<number, TokenBucket>();
  const groups = new Map<number, SlidingWindow>();

  return {
    take(chatId, now, { paid = false } = {}) {
      const overall = paid ? bought : free;
      const bucket = getOrCreate(buckets, chatId, () =>
        createTokenBucket(limits.perChatPerSecond, limits.perChatBurst, now),
      );
      const group =
        chatId < 0
          ? getOrCreate(groups, chatId, () => createSlidingWindow(limits.perGroupPerMinute, MINUTE_MS))
          : undefined;
      const waitMs = Math.max(overall.waitMs(now), bucket.waitMs(now), group?.waitMs(now) ?? 0);
      if (waitMs > 0) return Math.max(1, Math.ceil(waitMs / SECOND_MS));
      overall.count(now);
      bucket.count(now);
      group?.count(now);
      return 0;
    },
  };
}

function getOrCreate<Value>(map: Map<number, Value>, key: number, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

interface Limiter {
  waitMs(now: number): number;
  count(now: number): void;
}
type SlidingWindow = Limiter;
type TokenBucket = Limiter;

/** At most `limit` in any window of `windowMs`: the times of the last `limit` messages, in a ring. */
function createSlidingWindow(limit: number, windowMs: number): SlidingWindow {
  const times = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  let oldest = 0;
  return {
    waitMs: (now) => Math.max(0, (times[oldest] ?? now) + windowMs - now),
    count(now) {
      times[oldest] = now;
      oldest = (oldest + 1) % limit;
    },
  };
}

function createTokenBucket(perSecond: number, burst: number, now: number): TokenBucket {
  let tokens = burst;
  let at = now;
  const refill = (moment: number): void => {
    tokens = Math.min(burst, tokens + ((moment - at) * perSecond) / SECOND_MS);
    at = moment;
  };
  return {
    waitMs(moment) {
      refill(moment);
      return tokens >= 1 ? 0 : ((1 - tokens) * SECOND_MS) / perSecond;
    },
    count(moment) {
      refill(moment);
      tokens -= 1;
    },
  };
}
