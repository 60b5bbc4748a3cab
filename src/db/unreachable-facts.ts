import type { Channel } from '../domain/events.ts';
import type { Sql } from './database.ts';
import { tellWebhooks } from './webhook-messages.ts';

/** Somebody whom a channel reached until now. */
export interface Lost {
  id: number;
  company_id: number;
}

/** In the transaction that marks them. */
export async function tellUnreachable(
  tx: Sql,
  lost: readonly Lost[],
  { channel, reason, now }: { channel: Channel; reason: string; now: Date },
): Promise<void> {
  const facts = lost.map(({ id: user_id, company_id }) => ({
    ...{ company_id, type: 'user.unreachable' as const, at: now, data: { user_id, channel, reason } },
  }));
  await tellWebhooks(tx, facts, now);
}
