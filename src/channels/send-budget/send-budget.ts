import Bottleneck from 'bottleneck';
import pLimit from 'p-limit';
import type { Clock } from '#streams/clock.ts';
import type { Lane } from '../../domain/lanes.ts';
import { errorCode } from '../../observability/error-code.ts';
import type { Logger } from '../../observability/log.ts';
import type { Reservation, SendGate } from './send-gate.ts';
import { createTurnstile } from './turnstile.ts';

/** How long before its slot a message is made ready. */
const LEAD_MS = 10;
/** How many messages of a lane wait for a slot at a time in a process: what a crash would charge an attempt that never was. */
const AT_THE_GATE = 32;
/** What a process allows itself while the gate is out of reach: so many such processes keep the rate together. */
const SHARES = 10;

/** A slot to send in. */
export interface Turn {
  /** Resolves at the moment to send; false when the slot is forfeit, because the process was slow: another turn is needed. */
  begin(): Promise<boolean>;
  /** To be told when Telegram has answered, whatever it said. */
  answered(): void;
}

/** What one lane may send. */
export interface SendLane {
  /** Waits until the message may wait for a turn, companies in turn; answers the way out, null when the signal aborts. */
  enter(company: number, signal: AbortSignal): Promise<(() => void) | null>;
  /** Waits until it is time to make the message ready. Null when the signal aborts. */
  turn(signal: AbortSignal): Promise<Turn | null>;
}

/**
 * All messages of this process pass here, and no more leave than the gate grants to all processes. People's messages go first;
 * broadcasts take what is left, and never stand in their way.
 */
export type SendBudget = Readonly<Record<Lane, SendLane>>;

/** @param rate messages a second, over all processes */
export function createSendBudget(deps: { gate: SendGate; rate: number; clock: Clock; log: Logger }): SendBudget {
  const { gate, rate, clock, log } = deps;
  // Few hold slots to come, so that who comes later with more right to one is not far behind.
  const slotsAhead = Math.ceil(rate / 30);
  const people = pLimit(slotsAhead);
  const broadcasts = new Bottleneck({ maxConcurrent: slotsAhead, minTime: Math.floor(1000 / rate) });
  let isAway = false;
  let nextAloneMs = 0;

  function reserveAlone(): Reservation {
    const fromMs = Math.max(clock.monotonicMs(), nextAloneMs);
    nextAloneMs = fromMs + (1000 * SHARES) / rate;
    return { kind: 'slot', fromMs, untilMs: nextAloneMs, answered: () => undefined };
  }

  async function reserve(lane: Lane): Promise<Reservation> {
    try {
      const reservation = await gate.reserve(lane);
      if (isAway) log.info({}, 'the send gate answers again');
      isAway = false;
      return reservation;
    } catch (error) {
      if (!isAway) log.warn({ reason: errorCode(error) }, 'the send gate is out of reach; sending slowly');
      isAway = true;
      return reserveAlone();
    }
  }

  async function turnIn(lane: Lane, signal: AbortSignal): Promise<Turn | null> {
    while (!signal.aborted) {
      const reservation = await reserve(lane);
      if (reservation.kind === 'ask_again') {
        await clock.sleep(reservation.inMs, signal);
        continue;
      }
      const { fromMs, untilMs, answered } = reservation;
      const earlyMs = fromMs - LEAD_MS - clock.monotonicMs();
      if (earlyMs > 0 && !(await clock.sleep(earlyMs, signal))) return null;
      return {
        async begin() {
          const leftMs = fromMs - clock.monotonicMs();
          if (leftMs > 0) await clock.sleep(leftMs, signal);
          return clock.monotonicMs() <= untilMs;
        },
        answered,
      };
    }
    return null;
  }

  const laneOf = (turn: SendLane['turn']): SendLane => ({
    enter: createTurnstile(Math.max(AT_THE_GATE, rate)).enter,
    turn,
  });
  return {
    p2p: laneOf((signal) => people(() => turnIn('p2p', signal))),
    broadcast: laneOf((signal) => broadcasts.schedule(() => turnIn('broadcast', signal))),
  };
}
