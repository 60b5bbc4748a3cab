import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import { type Initiator, type RecipientRole, SYSTEM_INITIATOR } from '../domain/events.ts';
import { BookingRefused } from './booking-refused.ts';

/** Who says to be behind a change. Without a role it is the user's own. */
export interface InitiatorClaim {
  user_id: number | null;
  role: Initiator['role'] | undefined;
  channel: string;
}

const FIND_ROLE = 'SELECT role FROM users WHERE id = ? AND company_id = ? AND erased_at IS NULL';

/** Makes the claim whole inside the transaction of the change. @throws {BookingRefused} `unknown_initiator`. */
export async function resolveInitiator(
  tx: SqlEntityManager,
  claim: InitiatorClaim | undefined,
  company_id: number,
): Promise<Initiator> {
  if (!claim) return SYSTEM_INITIATOR;
  const { user_id, channel } = claim;
  if (user_id === null) return { user_id, role: claim.role ?? SYSTEM_INITIATOR.role, channel };
  const [user] = await tx.execute<{ role: RecipientRole }[]>(FIND_ROLE, [user_id, company_id]);
  if (!user) throw new BookingRefused({ code: 'unknown_initiator' });
  return { user_id, role: claim.role ?? user.role, channel };
}
