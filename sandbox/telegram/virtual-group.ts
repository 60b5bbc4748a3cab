import type { Chats } from './chats.ts';
import type { UpdateQueue } from './update-queue.ts';
import { groupChat, VirtualUserError } from './virtual-user.ts';
import type { WireServiceMessage, WireUser } from './wire.ts';

/** What members do to a group. All throw {@link VirtualUserError}. */
export interface VirtualGroups {
  /** Adds the bot again; a registered group has it already. */
  addBot(userId: number, groupId: number): void;
  /** From now on the bot may not write there, and hears nothing. */
  removeBot(userId: number, groupId: number): void;
  renameGroup(userId: number, groupId: number, title: string): void;
  /** The group becomes a supergroup with an id of its own; its messages stay behind in the old chat. */
  upgradeGroup(userId: number, groupId: number, supergroupId: number): void;
}

export function createVirtualGroups(deps: {
  bot: WireUser;
  chats: Chats;
  updates: UpdateQueue;
  wallClock: () => number;
}): VirtualGroups {
  const { bot, chats, updates, wallClock } = deps;
  const now = (): number => Math.floor(wallClock() / 1_000);

  const memberOf = (userId: number): WireUser => {
    const user = chats.find(userId)?.user;
    if (!user) throw new VirtualUserError('unknown_user', `no user ${userId} has pressed Start`);
    return user;
  };

  const setMembership = (userId: number, groupId: number, isIn: boolean): void => {
    const [user, chat] = [memberOf(userId), groupChat(chats, groupId)];
    if (chat.blocked !== isIn) return;
    chat.blocked = !isIn;
    chats.changed(chat);
    const member = { user: bot, status: 'member' } as const;
    updates.add('my_chat_member', {
      chat: chat.wire,
      from: user,
      date: now(),
      old_chat_member: isIn ? { user: bot, status: 'left' } : member,
      new_chat_member: isIn ? member : { user: bot, status: 'kicked', until_date: 0 },
    });
  };

  const tell = (userId: number, chatId: number, what: Partial<WireServiceMessage>): void => {
    const { wire, blocked } = groupChat(chats, chatId);
    const message_id = chats.nextMessageId();
    if (!blocked) updates.add('message', { message_id, from: memberOf(userId), chat: wire, date: now(), ...what });
  };

  return {
    addBot: (userId, groupId) => setMembership(userId, groupId, true),
    removeBot: (userId, groupId) => setMembership(userId, groupId, false),
    renameGroup(userId, groupId, title) {
      const { wire } = groupChat(chats, groupId);
      if (wire.type === 'private') return;
      chats.registerGroup({ id: groupId, title }, wire.type);
      tell(userId, groupId, { new_chat_title: title });
    },
    upgradeGroup(userId, groupId, supergroupId) {
      const { wire, blocked } = groupChat(chats, groupId);
      const supergroup = chats.registerGroup({ id: supergroupId, title: wire.title ?? '' }, 'supergroup');
      supergroup.blocked = blocked;
      tell(userId, groupId, { migrate_to_chat_id: supergroupId });
      tell(userId, supergroupId, { migrate_from_chat_id: groupId });
      groupChat(chats, groupId).migratedTo = supergroupId;
    },
  };
}
