import { createHash, randomBytes } from 'node:crypto';
import type { WebhookCall, WebhookMessageType } from '../domain/webhooks.ts';
import type { Sql } from './database.ts';
import { changeRows, chunksOf, placeholders, type Value } from './statement.ts';
import type { StoredDate } from './stored-values.ts';

/** Messages of one endpoint that are on their way at once; the others wait in the table. */
export const MAX_OFFERED = 1_000;
const ID_LENGTH = 27;

/** Something that endpoints may want to hear of. Its data are ids and facts: no names, no phone numbers. */
export interface WebhookFact {
  company_id: number;
  type: WebhookMessageType;
  at: Date;
  data: Readonly<Record<string, unknown>>;
  /** What is written down twice, because its process died between the two, is told once under this name. */
  once?: string;
}

/** An endpoint that is told of new facts, and whether they may go at once. */
interface Listener {
  id: number;
  company_id: number;
  event_types: string;
  failing_since: StoredDate | null;
  offered: number | string;
}

const LISTENERS = `SELECT e.id, e.company_id, e.event_types, e.failing_since,
  (SELECT COUNT(*) FROM (SELECT 1 FROM webhook_messages m
    WHERE m.endpoint_id = e.id AND m.status = 'pending' AND m.next_attempt_at IS NULL LIMIT ${MAX_OFFERED}) o) AS offered
FROM webhook_endpoints e WHERE e.enabled AND `;

/**
 * In the transaction that the facts are of: a message for each endpoint of their companies that asked for the type. Where no
 * company has one it costs this one read. Answers how many messages it made.
 */
export async function tellWebhooks(tx: Sql, facts: readonly WebhookFact[], now: Date): Promise<number> {
  if (facts.length === 0) return 0;
  const companies = [...new Set(facts.map(({ company_id }) => company_id))];
  const listeners = await tx.execute<Listener[]>(
    `${LISTENERS} e.company_id IN (${companies.map(() => '?').join(', ')})`,
    companies,
  );
  const messages = listeners.flatMap((listener) => {
    const types = new Set(JSON.parse(listener.event_types) as string[]);
    return messagesFor(
      listener,
      facts.filter(({ company_id, type }) => company_id === listener.company_id && types.has(type)),
      now,
    );
  });
  return await insertMessages(tx, messages, now);
}

/** To one endpoint, whatever it asked for. Answers the message's public id; null when there is no such endpoint, or it is disabled. */
export async function tellEndpoint(tx: Sql, endpointId: number, fact: WebhookFact, now: Date): Promise<string | null> {
  const [listener] = await tx.execute<Listener[]>(`${LISTENERS} e.id = ?`, [endpointId]);
  const [message] = listener ? messagesFor(listener, [fact], now) : [];
  if (!message) return null;
  await insertMessages(tx, [message], now);
  return message.public_id;
}

interface NewMessage {
  public_id: string;
  endpoint_id: number;
  company_id: number;
  type: WebhookMessageType;
  payload: string;
  next_attempt_at: Date | null;
}

/**
 * Those of a failing endpoint wait with its others; those that find no room on the way are offered when there is. They are due at
 * once: how long the endpoint is held stands with it alone, so that all of them go when it is well.
 */
function messagesFor(listener: Listener, facts: readonly WebhookFact[], now: Date): NewMessage[] {
  const { id: endpoint_id, company_id, failing_since, offered } = listener;
  const room = failing_since === null ? MAX_OFFERED - Number(offered) : 0;
  return facts.map(({ type, at, data, once }, index) => ({
    ...{ public_id: publicId(endpoint_id, type, once), endpoint_id, company_id, type },
    payload: JSON.stringify({ type, timestamp: at.toISOString(), data: { company_id, ...data } }),
    next_attempt_at: index < room ? null : now,
  }));
}

function publicId(endpointId: number, type: string, once: string | undefined): string {
  if (once === undefined) return `msg_${randomBytes(ID_LENGTH).toString('base64url').slice(0, ID_LENGTH)}`;
  const digest = createHash('sha256').update(`${endpointId}:${type}:${once}`).digest('base64url');
  return `msg_${digest.slice(0, ID_LENGTH)}`;
}

const COLUMNS = 'public_id, endpoint_id, company_id, type, payload, status, offers, created_at, next_attempt_at';

async function insertMessages(tx: Sql, messages: readonly NewMessage[], now: Date): Promise<number> {
  let made = 0;
  for (const chunk of chunksOf(messages)) {
    const values = chunk.flatMap((message): Value[] => {
      const { public_id, endpoint_id, company_id, type, payload, next_attempt_at } = message;
      const offers = next_attempt_at === null ? 1 : 0;
      return [public_id, endpoint_id, company_id, type, payload, 'pending', offers, now, next_attempt_at];
    });
    const inserted = await tx.execute<{ public_id: string }[]>(
      `INSERT INTO webhook_messages (${COLUMNS}) VALUES ${placeholders(chunk.length, 9)}
      ON CONFLICT (public_id) DO NOTHING RETURNING public_id`,
      values,
    );
    const isNew = new Set(inserted.map(({ public_id }) => public_id));
    const offered = chunk.filter(({ public_id, next_attempt_at }) => isNew.has(public_id) && next_attempt_at === null);
    await appendCalls(
      tx,
      offered.map((message) => ({ ...message, offers: 1 })),
      now,
    );
    made += inserted.length;
  }
  return made;
}

/** Whatever waits for its own next attempt is due now. */
export async function pullForward(tx: Sql, endpointId: number, now: Date): Promise<void> {
  await changeRows(
    tx,
    `UPDATE webhook_messages SET next_attempt_at = ? WHERE endpoint_id = ? AND status = 'pending' AND next_attempt_at > ?`,
    [now, endpointId, now],
  );
}

/** One row of the outbox for each message: an attempt. */
export async function appendCalls(
  tx: Sql,
  messages: readonly (Pick<NewMessage, 'public_id' | 'endpoint_id' | 'company_id'> & { offers: number })[],
  now: Date,
): Promise<void> {
  for (const chunk of chunksOf(messages))
    await changeRows(
      tx,
      `INSERT INTO outbox (company_id, event_id, event, lane, created_at) VALUES ${placeholders(chunk.length, 5)}`,
      chunk.flatMap(({ public_id: id, endpoint_id, company_id, offers }): Value[] => {
        const ts = Math.floor(now.getTime() / 1000);
        const call: WebhookCall = { id, type: 'webhook', company_id, endpoint_id, offer: offers, ts };
        return [company_id, `${id}:${offers}`, JSON.stringify(call), 'webhooks', now];
      }),
    );
}
