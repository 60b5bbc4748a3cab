import type { InitiatorClaim } from '../bookings/initiator.ts';
import { INITIATOR_ROLES, SYSTEM_INITIATOR } from '../domain/events.ts';
import type { Exchange } from './exchange.ts';
import { idText } from './fields.ts';
import { malformed } from './problem.ts';

export const USER_ID_HEADER = 'X-Initiated-By-User-Id';
const ROLE_HEADER = 'X-Initiated-By-Role';
const CHANNEL_HEADER = 'X-Initiated-By-Channel';

/** @throws {Problem} 400 naming the header. */
export function readInitiator(header: Exchange['header']): InitiatorClaim | undefined {
  const userId = header('x-initiated-by-user-id');
  const role = header('x-initiated-by-role');
  const channel = header('x-initiated-by-channel');
  if (userId === undefined && role === undefined && channel === undefined) return undefined;
  return { user_id: readUserId(userId), role: readRole(role), channel: readChannel(channel) };
}

function readUserId(value: string | undefined): number | null {
  if (value === undefined) return null;
  const parsed = idText.safeParse(value);
  if (!parsed.success) throw malformed(USER_ID_HEADER, 'must be the id of a user');
  return parsed.data;
}

function readRole(value: string | undefined): InitiatorClaim['role'] {
  if (value === undefined) return undefined;
  const role = INITIATOR_ROLES.find((known) => known === value);
  if (role === undefined) throw malformed(ROLE_HEADER, `must be one of ${INITIATOR_ROLES.join(', ')}`);
  return role;
}

function readChannel(value: string | undefined): string {
  if (value === undefined) return SYSTEM_INITIATOR.channel;
  if (!/^[ -~]{1,64}$/.test(value)) throw malformed(CHANNEL_HEADER, 'must be 1 to 64 ASCII characters');
  return value;
}
