import { type Api, GrammyError } from 'grammy';
import type { SendMetrics } from '../observability/send-metrics.ts';
import type { ChatHeld, SendBudget, SendClass, SendLane, Turn } from './send-budget/send-budget.ts';
import type { WebPushChannel } from './web-push/web-push-channel.ts';

const secondsSince = (startMs: number): number => (performance.now() - startMs) / 1000;

/** The same budget, measured. */
export function measuredBudget(budget: SendBudget, metrics: SendMetrics): SendBudget {
  function turnOf(sendClass: SendClass, turn: Turn): Turn {
    return {
      ...turn,
      async begin() {
        const isGranted = await turn.begin();
        metrics.turnEnded(sendClass, isGranted ? 'granted' : 'forfeit');
        return isGranted;
      },
    };
  }

  function laneOf(sendClass: SendClass): SendLane {
    const lane = budget[sendClass];
    return {
      ...lane,
      async turn(chatId, signal): Promise<Turn | ChatHeld | null> {
        const startMs = performance.now();
        const turn = await lane.turn(chatId, signal);
        if (turn?.kind === 'turn') {
          metrics.waited(sendClass, secondsSince(startMs));
          return turnOf(sendClass, turn);
        }
        metrics.turnEnded(sendClass, turn ? 'held' : 'aborted');
        return turn;
      },
    };
  }

  return {
    p2p: laneOf('p2p'),
    scheduled: laneOf('scheduled'),
    broadcast: laneOf('broadcast'),
    paid: laneOf('paid'),
  };
}

/** Measures every call that goes through the Bot API's client. */
export function measureTelegram(api: Api, metrics: SendMetrics): void {
  api.config.use(async (call, method, payload, signal) => {
    const startMs = performance.now();
    let code = 'none';
    try {
      const answer = await call(method, payload, signal);
      code = answer.ok ? 'ok' : String(answer.error_code);
      return answer;
    } catch (error) {
      if (error instanceof GrammyError) code = String(error.error_code);
      throw error;
    } finally {
      metrics.telegramAnswered(method, code, secondsSince(startMs));
    }
  });
}

/** The same channel, measured. */
export function measuredPush(channel: WebPushChannel, metrics: SendMetrics): WebPushChannel {
  return {
    ...channel,
    async send(target, notification, options, signal) {
      const startMs = performance.now();
      const result = await channel.send(target, notification, options, signal);
      metrics.pushAnswered(result.kind, secondsSince(startMs));
      return result;
    },
  };
}
