import { createHash } from 'node:crypto';

function weight(member: string, item: string): string {
  return createHash('sha1').update(`${member}\n${item}`).digest('hex');
}

/**
 * The member that an item belongs to, by rendezvous hashing: everybody who knows the same members agrees, and a member that
 * comes or goes moves only its own items. Null without members.
 */
export function rendezvousOwner(members: readonly string[], item: string): string | null {
  let owner: string | null = null;
  let highest = '';
  for (const member of members) {
    const candidate = weight(member, item);
    if (owner === null || candidate > highest) [owner, highest] = [member, candidate];
  }
  return owner;
}
