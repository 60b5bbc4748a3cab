import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '#streams/clock.ts';
import { chatRules, isBroadcast, type SendClass, sharedKeys, yields } from './chat-rules.ts';
import { arrivedLateScript, giveBackScript, reserveScript } from './send-scripts.ts';

/** How much later than its slot a send may leave; later, the slot is forfeit. */
const SLACK_MS = 8;
/** How much the way from here to the receiver differs from one send to the next. */
const JITTER_MS = 4;
/** So many answers tell how long the way usually takes: as long as the fastest of them. */
const ANSWERS_TO_KNOW = 100;
/** A second as the receiver sees it: 30 sends in it use 98.8 % of what Telegram allows, and never more. */
const WINDOW_MS = 1000 + SLACK_MS + JITTER_MS;
/** Who yields takes a slot no earlier before it: whoever comes until then with more right to it is first. */
const YIELDING_LEAD_MS = 12;
/** Above this rate a shorter window holds fewer slots, so that the list of them stays short, and no slot is scarce enough to be forfeit. */
const MAX_SLOTS = 100;

/** The chat takes nothing now. No slot was used. */
export interface ChatHeld {
  kind: 'chat_held';
  forMs: number;
}

export type Reservation =
  | {
      kind: 'slot';
      /** Send between the two, by the monotonic clock; later, the slot is forfeit. */
      fromMs: number;
      untilMs: number;
      /** Tells when its answer came. */
      answered(): void;
      /** Nothing was sent in it, so somebody else may have it. */
      forfeit(): void;
    }
  | { kind: 'ask_again'; inMs: number }
  | ChatHeld;

/**
 * Grants every process its moments to send: never more than the rate in any sliding second, as the receiver sees it, and to no
 * chat more than its rules allow.
 */
export interface SendGate {
  /** Messages a second, over all processes. */
  rate: number;
  /** @throws what Redis throws while it is away. */
  reserve(sendClass: SendClass, chatId: number): Promise<Reservation>;
}

/**
 * @param key of the slots given
 * @param sharedKey what the keys begin with that all gates share: of chats, and of what holds broadcasts
 * @param rate messages a second, over all processes that share the key
 * @param isNew nothing was ever sent under this key
 */
export function createSendGate(deps: {
  redis: Redis;
  key: string;
  sharedKey: string;
  rate: number;
  isNew: boolean;
  clock: Pick<Clock, 'monotonicMs'>;
}): SendGate {
  const { redis, key, rate, clock } = deps;
  const shared = sharedKeys(deps.sharedKey);
  const slots = Math.min(rate, MAX_SLOTS);
  const windowMs = WINDOW_MS * (slots / rate);
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
  function noteAnswer(id: string, windows: string[], slotMs: number): void {
    const tookMs = clock.monotonicMs() - slotMs;
    learn(tookMs);
    const lateMs = tookMs - usualMs - SLACK_MS - JITTER_MS;
    if (lateMs <= 0 || rate > MAX_SLOTS) return;
    // Should it not get there, the gate knows the slot's own time.
    arrivedLateScript.run(redis, windows, [id, Math.round(lateMs * 1000)]).catch(() => undefined);
  }

  function learn(tookMs: number): void {
    fastest = { ms: Math.min(fastest.ms, tookMs), of: fastest.of + 1 };
    usualMs = Math.min(usualMs, fastest.ms);
    if (fastest.of < ANSWERS_TO_KNOW) return;
    usualMs = fastest.ms;
    fastest = { ms: Number.POSITIVE_INFINITY, of: 0 };
  }

  function giveBack(id: string, windows: string[]): void {
    // Should it not get there, somebody waits in vain, and not for long. Before the next question, so with the script's text.
    giveBackScript.runAtOnce(redis, windows, [id]).catch(() => undefined);
  }

  return {
    rate,
    async reserve(sendClass, chatId) {
      const allowedMs = SLACK_MS + lackMs;
      const id = randomUUID();
      const windows = [
        { key, limit: slots, ms: windowMs },
        ...chatRules(sendClass, chatId).map((rule) => ({
          key: shared.chatRule(chatId, rule),
          limit: rule.limit,
          ms: rule.ms + SLACK_MS + JITTER_MS,
        })),
      ];
      const windowKeys = windows.map((window) => window.key);
      const limits = windows.flatMap(({ limit, ms }) => [limit, Math.round((ms + lackMs) * 1000)]);
      const flags = [isNew, yields(sendClass), isBroadcast(sendClass)].map((flag) => (flag ? '1' : '0'));
      const keys = [shared.chat(chatId), shared.broadcasts, ...windowKeys];
      const apartMs = rate > MAX_SLOTS ? 0 : (windowMs + lackMs) / slots;
      const yielding = [YIELDING_LEAD_MS * 1000, Math.round(apartMs * 1000)];
      const asked = clock.monotonicMs();
      const reply = await reserveScript.run(redis, keys, [id, ...flags, ...yielding, ...limits]);
      // Redis read its clock between the question and the answer: the slot is neither begun early nor used late.
      const answered = clock.monotonicMs();
      lackMs = Math.min(1000, Math.max(0, answered - asked - SLACK_MS / 2));
      const [kind, us] = reply as [Reservation['kind'], number];
      const inMs = us / 1000;
      if (kind === 'chat_held') return { kind, forMs: Math.ceil(inMs) };
      if (kind === 'ask_again') return { kind, inMs };
      isNew = false;
      const slotMs = asked + inMs;
      return {
        kind,
        fromMs: answered + inMs,
        untilMs: rate > MAX_SLOTS ? Number.POSITIVE_INFINITY : slotMs + allowedMs,
        answered: () => noteAnswer(id, windowKeys, slotMs),
        forfeit: () => giveBack(id, windowKeys),
      };
    },
  };
}
