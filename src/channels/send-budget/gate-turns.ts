import type { Clock } from '#streams/clock.ts';
import { errorCode } from '../../observability/error-code.ts';
import type { Logger } from '../../observability/log.ts';
import type { ChatHolds } from './chat-holds.ts';
import type { SendClass } from './chat-rules.ts';
import type { ChatHeld, Reservation, SendGate } from './send-gate.ts';

/** How long before its slot a message is made ready. */
const LEAD_MS = 10;
/** What a process allows itself while the gate is out of reach: so many such processes keep the rate together. */
const SHARES = 10;

/** A message that is ready waits no longer than this for another slot. */
const AT_ONCE_MS = 50;
const MAX_TRIES = 3;

type Slot = Extract<Reservation, { kind: 'slot' }>;

/** A slot to send in. */
export interface Turn {
  kind: 'turn';
  /** Resolves at the moment to send; false when the slot is forfeit, because the process was slow or ends: another turn is needed. */
  begin(): Promise<boolean>;
  /** To be told when Telegram has answered, whatever it said. */
  answered(): void;
  /** Instead of `begin`, when there is nothing to send after all: somebody else may have the slot. */
  giveBack(): void;
}

/** Of one message: its class may change while it waits. */
export type ClassOf = () => SendClass;

/** Waits until it is time to make the message ready. Null when the signal aborts. */
export type TakeTurn = (classOf: ClassOf, chatId: number, signal: AbortSignal) => Promise<Turn | ChatHeld | null>;

/** The turns that one gate grants; while it is out of reach few, by this process alone. */
export function createGateTurns(deps: {
  gate: SendGate;
  holds: Pick<ChatHolds, 'leftMs'>;
  clock: Clock;
  log: Logger;
}): TakeTurn {
  const { gate, holds, clock, log } = deps;
  let isAway = false;
  let nextAloneMs = 0;

  function reserveAlone(): Reservation {
    const fromMs = Math.max(clock.monotonicMs(), nextAloneMs);
    nextAloneMs = fromMs + (1000 * SHARES) / gate.rate;
    return { kind: 'slot', fromMs, untilMs: nextAloneMs, answered: () => undefined, forfeit: () => undefined };
  }

  async function reserve(sendClass: SendClass, chatId: number): Promise<Reservation> {
    const forMs = holds.leftMs(chatId);
    if (forMs > 0) return { kind: 'chat_held', forMs };
    try {
      const reservation = await gate.reserve(sendClass, chatId);
      if (isAway) log.info({}, 'the send gate answers again');
      isAway = false;
      return reservation;
    } catch (error) {
      if (!isAway) log.warn({ reason: errorCode(error) }, 'the send gate is out of reach; sending slowly');
      isAway = true;
      return reserveAlone();
    }
  }

  /** In another slot, when the process was too late for its own: nothing was sent in that one, so there is often one right now. */
  async function inAnother(sendClass: SendClass, chatId: number): Promise<Slot | null> {
    const reservation = await reserve(sendClass, chatId);
    if (reservation.kind !== 'slot') return null;
    if (reservation.fromMs - clock.monotonicMs() <= AT_ONCE_MS) return reservation;
    reservation.forfeit();
    return null;
  }

  function turnIn(first: Slot, classOf: ClassOf, chatId: number, signal: AbortSignal): Turn {
    let slot = first;
    return {
      kind: 'turn',
      async begin() {
        for (let tries = 0; tries < MAX_TRIES; tries += 1) {
          const leftMs = slot.fromMs - clock.monotonicMs();
          const isTime = leftMs <= 0 || (await clock.sleep(leftMs, signal));
          if (isTime && clock.monotonicMs() <= slot.untilMs) return true;
          slot.forfeit();
          const next = isTime && !signal.aborted ? await inAnother(classOf(), chatId) : null;
          if (!next) return false;
          slot = next;
        }
        slot.forfeit();
        return false;
      },
      answered: () => slot.answered(),
      giveBack: () => slot.forfeit(),
    };
  }

  return async (classOf, chatId, signal) => {
    while (!signal.aborted) {
      const reservation = await reserve(classOf(), chatId);
      if (reservation.kind === 'chat_held') return reservation;
      if (reservation.kind === 'ask_again') {
        await clock.sleep(reservation.inMs, signal);
        continue;
      }
      const earlyMs = reservation.fromMs - LEAD_MS - clock.monotonicMs();
      if (earlyMs > 0 && !(await clock.sleep(earlyMs, signal))) {
        reservation.forfeit();
        return null;
      }
      return turnIn(reservation, classOf, chatId, signal);
    }
    return null;
  };
}
