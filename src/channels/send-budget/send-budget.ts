import Bottleneck from 'bottleneck';
import pLimit from 'p-limit';
import type { Clock } from '#streams/clock.ts';
import { errorCode } from '../../observability/error-code.ts';
import type { Logger } from '../../observability/log.ts';
import type { Lane, Reservation, SendGate } from './send-gate.ts';
import { createTurnstile } from './turnstile.ts';

/** How long before its slot a message is made ready. */
const LEAD_MS = 10;
/** How many of a process' messages wait for a slot at a time: what a crash would charge an attempt that never was. */
const AT_THE_GATE = 32;
/** What a process allows itself while the gate is out of reach: so many such processes keep the rate together. */
const SHARES = 10;

/** A slot to send in. */
export interface Turn {
  /** Resolves at the moment to send; false when the slot is forfeit, because the process was slow: another turn is needed. */
  begin(): Promise<boolean>;
}

/**
 * All messages of this process pass here, and no more leave than the gate grants to all processes. People's messages go first;
 * broadcasts take what is left.
 */
export interface SendBudget {
  /** Waits until the message may wait for a turn, companies in turn; answers the way out, null when the signal aborts. */
  enter(company: number, signal: AbortSignal): Promise<(() => void) | null>;
  /** Waits until it is time to make the message ready. Null when the signal aborts. */
  turn(lane: Lane, signal: AbortSignal): Promise<Turn | null>;
}

/** @param rate messages a second, over all processes */
export function createSendBudget(deps: { gate: SendGate; rate: number; clock: Clock; log: Logger }): SendBudget {
  const { gate, rate, clock, log } = deps;
  const turnstile = createTurnstile(Math.max(AT_THE_GATE, rate));
  // Few hold slots to come, so that who comes later with more right to one is not far behind.
  const slotsAhead = Math.ceil(rate / 30);
  const people = pLimit(slotsAhead);
  const broadcasts = new Bottleneck({ maxConcurrent: slotsAhead, minTime: Math.floor(1000 / rate) });
  let isAway = false;
  let nextAloneMs = 0;

  function reserveAlone(): Reservation {
    const fromMs = Math.max(clock.monotonicMs(), nextAloneMs);
    nextAloneMs = fromMs + (1000 * SHARES) / rate;
    return { kind: 'slot', fromMs, untilMs: nextAloneMs };
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

  async function turn(lane: Lane, signal: AbortSignal): Promise<Turn | null> {
    while (!signal.aborted) {
      const reservation = await reserve(lane);
      if (reservation.kind === 'ask_again') {
        await clock.sleep(reservation.inMs, signal);
        continue;
      }
      const { fromMs, untilMs } = reservation;
      const earlyMs = fromMs - LEAD_MS - clock.monotonicMs();
      if (earlyMs > 0 && !(await clock.sleep(earlyMs, signal))) return null;
      return {
        async begin() {
          const leftMs = fromMs - clock.monotonicMs();
          if (leftMs > 0) await clock.sleep(leftMs, signal);
          return clock.monotonicMs() <= untilMs;
        },
      };
    }
    return null;
  }

  return {
    enter: turnstile.enter,
    turn: (lane, signal) =>
      lane === 'p2p' ? people(() => turn(lane, signal)) : broadcasts.schedule(() => turn(lane, signal)),
  };
}
