import pLimit from 'p-limit';
import type { Clock } from '#streams/clock.ts';
import type { Logger } from '../../observability/log.ts';
import type { ChatHolds } from './chat-holds.ts';
import type { SendClass } from './chat-rules.ts';
import { type ClassOf, createGateTurns, type TakeTurn, type Turn } from './gate-turns.ts';
import { createPacedQueue } from './paced-queue.ts';
import type { ChatHeld, SendGate } from './send-gate.ts';
import { createTurnstile } from './turnstile.ts';

export type { SendClass } from './chat-rules.ts';
export type { Turn } from './gate-turns.ts';
export type { ChatHeld } from './send-gate.ts';

/** How many messages of a lane wait for a slot at a time in a process: what a crash would charge an attempt that never was. */
const AT_THE_GATE = 32;
/** For so long a scheduled message yields: whatever else its person is to hear stands behind it. */
const YIELDS_FOR_MS = 2_000;
/** Messages a second. A broadcast at a higher rate leaves gaps everywhere: nobody waits behind a burst of it. */
const PACED_UP_TO = 100;

/** What one lane may send. */
export interface SendLane {
  /** Waits until the message may wait for a turn, companies in turn; answers the way out, null when the signal aborts. */
  enter(company: number, signal: AbortSignal): Promise<(() => void) | null>;
  /** Waits until it is time to make the message ready. Null when the signal aborts. */
  turn(chatId: number, signal: AbortSignal): Promise<Turn | ChatHeld | null>;
  /**
   * Telegram answered 429 for this chat: it is held that long for all processes and lanes; broadcasts wait too when two chats
   * get it together. Never rejects.
   */
  refused(chatId: number, retryAfterMs: number): Promise<void>;
}

/**
 * All messages of this process pass here, and no more leave than the gates grant to all processes. What people wait for goes first;
 * what the scheduler tells them, and broadcasts, take turns with what is left, and do not stand in its way, but that what is scheduled
 * yields for two seconds only. Paid broadcasts have a gate of their own.
 */
export type SendBudget = Readonly<Record<SendClass, SendLane>>;

export function createSendBudget(deps: {
  gate: SendGate;
  paidGate: SendGate;
  /** Shared by both gates. */
  holds: ChatHolds;
  clock: Clock;
  log: Logger;
}): SendBudget {
  const { gate, paidGate, holds, clock } = deps;
  const takeTurn = createGateTurns(deps);
  const takePaidTurn = createGateTurns({ ...deps, gate: paidGate });
  const people = pLimit(slotsAhead(gate.rate));

  function laneOf(rate: number, waitInLine: SendLane['turn']): SendLane {
    return {
      enter: createTurnstile(Math.max(AT_THE_GATE, rate)).enter,
      async turn(chatId, signal) {
        const forMs = holds.leftMs(chatId);
        return forMs > 0 ? { kind: 'chat_held', forMs } : await waitInLine(chatId, signal);
      },
      refused: holds.refused,
    };
  }

  /** @param classFrom of a message that begins to wait now */
  function pacedLane({ rate }: SendGate, take: TakeTurn, classFrom: () => ClassOf): SendLane {
    const queue = createPacedQueue<Turn | ChatHeld>({
      atOnce: slotsAhead(rate),
      gapMs: rate > PACED_UP_TO ? 0 : Math.floor(1000 / rate),
      isTaken: (answer) => answer?.kind === 'turn',
    });
    return laneOf(rate, (chatId, signal) => {
      const classOf = classFrom();
      return queue.wait(() => take(classOf, chatId, signal), signal);
    });
  }

  return {
    p2p: laneOf(gate.rate, (chatId, signal) => people(() => takeTurn(always('p2p'), chatId, signal))),
    scheduled: pacedLane(gate, takeTurn, yielding),
    broadcast: pacedLane(gate, takeTurn, () => always('broadcast')),
    paid: pacedLane(paidGate, takePaidTurn, () => always('paid')),
  };

  function yielding(): ClassOf {
    const untilMs = clock.monotonicMs() + YIELDS_FOR_MS;
    return () => (clock.monotonicMs() < untilMs ? 'scheduled' : 'p2p');
  }
}

const always =
  (sendClass: SendClass): ClassOf =>
  () =>
    sendClass;

/** Few hold slots to come, so that who comes later with more right to one is not far behind. */
function slotsAhead(rate: number): number {
  return Math.ceil(rate / 30);
}
