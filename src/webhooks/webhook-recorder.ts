import type { RecipientResult } from '#actors/handler.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { Database, Sql } from '../db/database.ts';
import { closeOutboxRows } from '../db/outbox.ts';
import { disableEndpoint, findCall, holdEndpoint, markDelivered, markFailed, putOff } from '../db/webhook-calls.ts';
import { outboxRowOf } from '../dispatch/delivery-recorder.ts';
import { createDurableBatches } from '../dispatch/durable-batches.ts';
import type { WebhookCall } from '../domain/webhooks.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { WebhookMetrics } from '../observability/webhook-metrics.ts';
import { afterFailure } from './after-failure.ts';
import { decodeCall } from './decode-call.ts';
import type { WebhookReceipt } from './webhook-receipt.ts';

const GONE_STATUS = 410;

/** Writes down how attempts ended, and what follows for message and endpoint; with that the outbox row is closed. */
export interface WebhookRecorder {
  record(entry: StreamEntry, results: RecipientResult<WebhookReceipt>[], last: boolean): Promise<void>;
}

interface Item {
  call: WebhookCall | null;
  receipt: WebhookReceipt | null;
  close: ReturnType<typeof outboxRowOf>;
}

type Refused = Extract<WebhookReceipt, { kind: 'refused' }>;

/** Nobody was called, and nothing is known of why: it is offered again. */
const UNTRIED: WebhookReceipt = { kind: 'put_off' };

export function createWebhookRecorder(deps: {
  database: Database;
  clock: () => Date;
  /** From 0 to 1. */
  random: () => number;
  metrics: Pick<WebhookMetrics, 'attempted'>;
  deadline: AbortSignal;
  log: Logger;
}): WebhookRecorder {
  const { database, clock, random, metrics, deadline, log } = deps;

  async function settleRefused(tx: Sql, call: WebhookCall, receipt: Refused): Promise<void> {
    const now = clock();
    const stored = await findCall(tx, call, now);
    if (!stored) return;
    const { endpoint_id: id, enabled } = stored;
    const { status, error } = receipt;
    const after = afterFailure({
      attempts: stored.attempts + 1,
      endpoint: stored,
      startedAt: new Date(receipt.started_at),
      now,
      retryAfterMs: receipt.retry_after_ms,
      // Said of an address that was left meanwhile, it says nothing of the new one.
      isGone: status === GONE_STATUS && receipt.url === stored.url,
      jitter: random(),
    });
    await markFailed(tx, call, { status, error, nextAttemptAt: after.nextAttemptAt });
    await holdEndpoint(tx, id, { ...after, error });
    const { disabledReason: reason } = after;
    if (reason === null || !enabled) return;
    await disableEndpoint(tx, id, { reason, now });
    log.warn({ endpoint_id: id, company_id: call.company_id, reason }, 'a webhook endpoint is disabled');
  }

  async function settle(tx: Sql, call: WebhookCall, receipt: WebhookReceipt): Promise<void> {
    const now = clock();
    switch (receipt.kind) {
      case 'accepted':
        return await markDelivered(tx, call, { endpointId: call.endpoint_id, status: receipt.status, now });
      case 'refused':
        return await settleRefused(tx, call, receipt);
      case 'put_off':
        return await putOff(tx, call, now);
      case 'obsolete':
        return;
      default:
        return receipt satisfies never;
    }
  }

  async function commit(items: Item[]): Promise<void> {
    const closed = items.flatMap(({ close }) => close ?? []);
    await database.write(async (tx) => {
      for (const { call, receipt } of items) if (call && receipt) await settle(tx, call, receipt);
      if (closed.length > 0) await closeOutboxRows(tx, closed);
    });
  }

  const durably = createDurableBatches<Item>({
    commit,
    piecesOf: (item) => [item],
    refused({ call }, error) {
      const { id, endpoint_id } = call ?? {};
      log.error({ reason: errorCode(error), id, endpoint_id }, 'the database refuses what became of a webhook message');
    },
    deadline,
    log,
  });

  function told(call: WebhookCall, receipt: WebhookReceipt): void {
    metrics.attempted(receipt.kind);
    const { id, endpoint_id, company_id } = call;
    const reason = receipt.kind === 'refused' ? receipt.error : undefined;
    const line = { id, endpoint_id, company_id, outcome: receipt.kind, reason };
    if (receipt.kind === 'refused') log.info(line, 'a webhook call failed');
    else log.debug(line, 'a webhook call ended');
  }

  return {
    async record(entry, results, last) {
      const call = decodeCall(entry.event);
      const receipt = results[0]?.receipt ?? (last ? UNTRIED : null);
      await durably({ call, receipt, close: last ? outboxRowOf(entry) : null });
      if (call && receipt) told(call, receipt);
    },
  };
}
