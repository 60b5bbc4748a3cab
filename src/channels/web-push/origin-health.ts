import type { Failure } from '#streams/dead-letters.ts';
import type { Logger } from '../../observability/log.ts';
import type { PushEndpoint } from './check-endpoint.ts';
import type { WebPushSendResult } from './classify-push-answers.ts';
import type { PushOrigin } from './push-origin.ts';

/** A trouble of which nothing new was heard for so long is no longer told. */
const TROUBLE_KEPT_MS = 5 * 60_000;

/** What one result says about the origin as a whole. */
export interface OriginHealth {
  /** Remembers it, and returns it as it is to be told: a key that is taken for others is not in trouble. */
  note(origin: PushOrigin, endpoint: PushEndpoint, result: WebPushSendResult): WebPushSendResult;
  /** How long nothing may be sent there, in ms; 0 when it may. */
  heldForMs(origin: PushOrigin): number;
  /** Why an origin takes nothing; null while all do. */
  trouble(origins: Iterable<PushOrigin>): string | null;
}

export function createOriginHealth(deps: { clock(): Date; log: Logger }): OriginHealth {
  const { clock, log } = deps;
  const now = () => clock().getTime();

  function enter(origin: PushOrigin, kind: 'unreachable' | 'key_refused', failure: Failure): void {
    const isNews = currentTrouble(origin) === null || origin.trouble?.kind !== kind;
    const reason = `${failure.code}: ${failure.message}`;
    origin.trouble = { kind, reason: `${origin.name}: ${reason}`, at: now() };
    if (!isNews) return;
    if (kind === 'unreachable')
      log.warn({ origin: origin.name, reason }, 'A push service takes nothing; messages wait');
    else log.error({ origin: origin.name, reason }, 'A push service refuses our key, or our clock; messages wait');
  }

  function leave(origin: PushOrigin): void {
    if (currentTrouble(origin) !== null) log.info({ origin: origin.name }, 'The push service takes messages again');
    origin.trouble = null;
  }

  function currentTrouble({ trouble }: PushOrigin): string | null {
    return trouble !== null && now() - trouble.at <= TROUBLE_KEPT_MS ? trouble.reason : null;
  }

  return {
    note(origin, endpoint, result) {
      switch (result.kind) {
        case 'accepted':
          origin.keyRefusals.accept(endpoint.path, now());
          leave(origin);
          return result;
        case 'key_refused':
          if (origin.keyRefusals.refuse(endpoint.path, now())) return { kind: 'failed', failure: result.failure };
          enter(origin, 'key_refused', result.failure);
          return result;
        case 'channel_down':
          if (isVouchedFor(origin, endpoint)) enter(origin, 'unreachable', result.failure);
          return result;
        case 'rate_limited':
          origin.heldUntil = Math.max(origin.heldUntil, now() + result.retryAfterMs);
          break;
        case 'gone':
        case 'key_mismatch':
        case 'too_large':
        case 'failed':
          break;
        case 'refused':
        case 'unknown':
          return result;
        default:
          return result satisfies never;
      }
      // It answers, whatever it says.
      if (origin.trouble?.kind === 'unreachable') leave(origin);
      return result;
    },
    heldForMs: (origin) => Math.max(0, origin.heldUntil - now()),
    trouble(origins) {
      for (const origin of origins) {
        const reason = currentTrouble(origin);
        if (reason !== null) return reason;
      }
      return null;
    },
  };
}

/** The host exists: it is named on the list, or has answered before. */
export function isVouchedFor(origin: PushOrigin, endpoint: PushEndpoint): boolean {
  return endpoint.isNamed || origin.hasAnswered;
}
