import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** In seconds: a free slot, the queue of a broadcast. */
const WAIT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** In seconds: near, far, a call's deadline (8 s), and a poll that found nothing (25 s). */
const CALL_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How a turn at the gate ended: `held` is its chat, `forfeit` its slot. */
export type TurnEnd = 'granted' | 'forfeit' | 'held' | 'aborted';

export interface SendMetrics {
  waited(sendClass: string, seconds: number): void;
  turnEnded(sendClass: string, end: TurnEnd): void;
  /** @param code `ok`, or the status of Telegram's refusal; `none` without an answer */
  telegramAnswered(method: string, code: string, seconds: number): void;
  /** @param outcome the kind of the result, not the push service's words */
  pushAnswered(outcome: string, seconds: number): void;
  /** Asked at each scrape. */
  heldChats(count: () => number): void;
}

export function createSendMetrics(registry: Registry): SendMetrics {
  const registers = [registry];
  const wait = new Histogram({
    name: 'vestnik_gate_wait_seconds',
    help: 'How long a message waited at the gate of Telegram for its turn',
    labelNames: ['class'],
    buckets: WAIT_BUCKETS,
    registers,
  });
  const turns = new Counter({
    name: 'vestnik_gate_turns_total',
    help: 'Turns at the gate: granted ones are slots used, forfeit ones were missed, held ones met a chat that takes nothing',
    labelNames: ['class', 'outcome'],
    registers,
  });
  const telegram = new Histogram({
    name: 'vestnik_telegram_call_duration_seconds',
    help: 'Calls of the Bot API by the code of the answer: ok, 429 and the like, none for no answer',
    labelNames: ['method', 'code'],
    buckets: CALL_BUCKETS,
    registers,
  });
  const push = new Histogram({
    name: 'vestnik_web_push_send_duration_seconds',
    help: 'Sends to one device each, by what became of them',
    labelNames: ['outcome'],
    buckets: CALL_BUCKETS,
    registers,
  });
  let count = () => 0;
  new Gauge({
    name: 'vestnik_chats_held',
    help: 'Chats that Telegram wants left alone, as far as this process knows',
    registers,
    collect() {
      this.set(count());
    },
  });
  return {
    waited: (sendClass, seconds) => wait.observe({ class: sendClass }, seconds),
    turnEnded: (sendClass, outcome) => turns.inc({ class: sendClass, outcome }),
    telegramAnswered: (method, code, seconds) => telegram.observe({ method, code }, seconds),
    pushAnswered: (outcome, seconds) => push.observe({ outcome }, seconds),
    heldChats(ask) {
      count = ask;
    },
  };
}
