import { createChatHolds } from '#src/channels/send-budget/chat-holds.ts';
import {
  type ChatHeld,
  createSendBudget,
  type SendBudget,
  type SendClass,
  type Turn,
} from '#src/channels/send-budget/send-budget.ts';
import { createSendGate } from '#src/channels/send-budget/send-gate.ts';
import { createLog } from '#src/observability/log.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { systemClock } from '#streams/clock.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

const never = new AbortController().signal;

/** A process that sends by the budget, in name only. */
export interface SendProcess {
  budget: SendBudget;
  /** When its sends left, in ms, by class. */
  sent: Record<SendClass, number[]>;
  /** Asks for a turn and begins it, another one where it was forfeit; it is answered when it has left. */
  ask(sendClass: SendClass, chatId?: number): Promise<Turn | ChatHeld>;
  /** Sends one, to a chat of its own when none is named, as soon as its chat may have it. */
  send(sendClass: SendClass, chatId?: number): Promise<void>;
}

/** As many processes as wanted, that share the gates in a Redis of their own. */
export async function startSendProcesses(
  scope: NonNullable<Parameters<typeof startTestRedis>[0]>,
  count: number,
  options: { rate?: number; paidRate?: number; isNew?: boolean; answers?: boolean } = {},
): Promise<{ server: TestRedis; processes: SendProcess[] }> {
  const { rate = 30, paidRate = 1000, isNew = true, answers = true } = options;
  const server = await startTestRedis(scope);
  let strangers = 1_000_000;

  const startProcess = (): SendProcess => {
    const [clock, log] = [systemClock, createLog('silent')];
    const redis = connectRedis({ url: server.url, log });
    scope.after(async () => redis.disconnect());
    const shared = { redis, sharedKey: 'gate', isNew, clock };
    const budget = createSendBudget({
      gate: createSendGate({ ...shared, key: 'gate', rate }),
      paidGate: createSendGate({ ...shared, key: 'gate:paid', rate: paidRate }),
      holds: createChatHolds({ redis, key: 'gate', clock, log }),
      clock,
      log,
    });
    const sent: SendProcess['sent'] = { p2p: [], scheduled: [], broadcast: [], paid: [] };

    const ask: SendProcess['ask'] = async (sendClass, chatId = strangers++) => {
      for (;;) {
        const turn = await budget[sendClass].turn(chatId, never);
        if (turn?.kind === 'chat_held') return turn;
        if (!(await turn?.begin())) continue;
        sent[sendClass].push(clock.monotonicMs());
        // A process that stood still between the two was late, and the gate must know, as from the answer of Telegram.
        if (answers) turn?.answered();
        return turn as Turn;
      }
    };
    const send: SendProcess['send'] = async (sendClass, chatId = strangers++) => {
      for (;;) {
        const turn = await ask(sendClass, chatId);
        if (turn.kind === 'turn') return;
        await clock.sleep(turn.forMs);
      }
    };
    return { budget, sent, ask, send };
  };
  return { server, processes: Array.from({ length: count }, startProcess) };
}
