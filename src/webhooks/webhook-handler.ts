import type { Attempt, EntryHandler, Plan } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import type { Database } from '../db/database.ts';
import { findCall } from '../db/webhook-calls.ts';
import { unlessDatabaseAway } from '../dispatch/database-away.ts';
import { OVERTAKEN } from '../dispatch/overtaken.ts';
import type { WebhookCall } from '../domain/webhooks.ts';
import { SHORTEST_HOLD_MS } from './after-failure.ts';
import { createCallLimits } from './call-limits.ts';
import { decodeCall } from './decode-call.ts';
import { createRecentFailures } from './recent-failures.ts';
import type { WebhookCaller } from './webhook-caller.ts';
import { type WebhookReceipt, webhookReceiptSchema } from './webhook-receipt.ts';
import type { WebhookRecorder } from './webhook-recorder.ts';

const PUT_OFF: Outcome<WebhookReceipt> = { kind: 'done', receipt: { kind: 'put_off' } };
const OBSOLETE: Outcome<WebhookReceipt> = { kind: 'done', receipt: { kind: 'obsolete' } };
const CALLED_OFF: Outcome<never> = {
  kind: 'deferred',
  failure: { code: 'webhook_called_off', message: 'the process is stopping' },
  delayMs: 0,
};

/**
 * The calls of companies' servers, as the engine sees them. An entry is one attempt, whatever comes of it: when the next one is
 * due, the message comes back in an entry of its own, so nothing waits for hours in a stream.
 */
export function createWebhookHandler(deps: {
  database: Database;
  caller: Pick<WebhookCaller, 'call'>;
  recorder: WebhookRecorder;
  clock: () => Date;
}): EntryHandler<WebhookReceipt> {
  const { database, caller, recorder, clock } = deps;
  const limits = createCallLimits();
  const failures = createRecentFailures(SHORTEST_HOLD_MS);

  async function attempt(call: WebhookCall, { signal, isCurrent }: Attempt): Promise<Outcome<WebhookReceipt>> {
    const now = clock();
    // Before the look as well: what is written down meanwhile is known here no more, and not yet part of what was read.
    if (failures.has(call.endpoint_id, now)) return PUT_OFF;
    const stored = await unlessDatabaseAway(() => findCall(database.read(), call, now));
    if (stored === null) return OBSOLETE;
    if ('kind' in stored) return stored;
    if (!stored.enabled || (stored.held_until !== null && stored.held_until > now)) return PUT_OFF;
    if (failures.has(call.endpoint_id, clock())) return PUT_OFF;
    if (!isCurrent()) return OVERTAKEN;
    const { url, payload: body, secrets } = stored;
    const answer = await caller.call({ url, id: call.id, body, secrets }, signal);
    switch (answer.kind) {
      case 'accepted':
        failures.forget(call.endpoint_id);
        return { kind: 'done', receipt: answer };
      case 'refused': {
        failures.failed(call.endpoint_id, clock());
        const { retryAfterMs: retry_after_ms, ...refused } = answer;
        return { kind: 'done', receipt: { ...refused, retry_after_ms, started_at: now.getTime(), url } };
      }
      case 'called_off':
        return CALLED_OFF;
      default:
        return answer satisfies never;
    }
  }

  function planOf(call: WebhookCall): Plan<WebhookReceipt> {
    const delivery = {
      // Of its own, so that the messages of an endpoint go beside each other.
      recipient: `webhook:${call.id}`,
      admit: (signal: AbortSignal) => limits.enter(call.endpoint_id, signal),
      deliver: (given: Attempt) => attempt(call, given),
      dead: ({ code }: { code: string }): WebhookReceipt => ({
        ...{
          kind: 'refused',
          status: null,
          error: code,
          retry_after_ms: null,
          started_at: clock().getTime(),
          url: null,
        },
      }),
    };
    return { kind: 'deliver', deliveries: [delivery], concluded: [] };
  }

  return {
    tenantOf: ({ key }) => key?.split(':', 1)[0] ?? '',
    async plan({ event }) {
      const call = decodeCall(event);
      if (call) return planOf(call);
      return { kind: 'undecodable', failure: { code: 'undecodable', message: 'no call of a webhook' } };
    },
    async record(entry, results, last) {
      await recorder.record(entry, results, last);
      const call = results[0]?.receipt.kind === 'refused' ? decodeCall(entry.event) : null;
      if (call) failures.forget(call.endpoint_id);
    },
    readReceipt: (json) => webhookReceiptSchema.parse(json),
  };
}
