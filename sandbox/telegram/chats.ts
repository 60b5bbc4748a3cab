import { blockedByUser, chatMigrated, chatNotFound, kickedFromGroup, userDeactivated } from './api-error.ts';
import type { FormattedText } from './message-text.ts';
import type { InlineKeyboardMarkup, WireChat, WireMessage, WireUser } from './wire.ts';

/** A person with Telegram who has pressed Start. */
export interface VirtualUser {
  /** Also the id of the private chat with the bot. */
  id: number;
  first_name: string;
  last_name?: string;
  username?: string;
  language_code?: string;
  /** Shown on the page under the name, e.g. the role; the bot never sees it. */
  caption?: string;
}

export interface VirtualGroup {
  /** Negative. */
  id: number;
  title: string;
}

/** A message as the chat shows it. */
export interface ShownMessage extends WireMessage {
  /** The bot sent it. */
  outgoing: boolean;
  deleted: boolean;
  /** The phone made no sound (Bot API, sendMessage: `disable_notification`). */
  silent?: boolean;
}

export interface ChatView {
  id: number;
  name: string;
  caption: string;
  language_code: string;
  blocked: boolean;
  deactivated: boolean;
}

export interface Chat {
  readonly wire: WireChat;
  /** Null in a group. */
  readonly user: WireUser | null;
  readonly caption: string;
  /** The bot may not write: the person has blocked it, or it is not in the group. */
  blocked: boolean;
  deactivated: boolean;
  /** The supergroup that the group has become. */
  migratedTo: number | null;
  readonly messages: Map<number, ShownMessage>;
}

export type ChatChange =
  | { type: 'chat'; chat: ChatView }
  | { type: 'message'; chat_id: number; message: ShownMessage }
  | { type: 'callback_answer'; chat_id: number; text: string; show_alert: boolean; url: string };

export interface Chats {
  registerUser(user: VirtualUser): Chat;
  registerGroup(group: VirtualGroup, type?: 'group' | 'supergroup'): Chat;
  all(): Chat[];
  find(chatId: number): Chat | undefined;
  /** @throws {ApiError} as `sendMessage` and edits do when the chat is unknown, has blocked the bot or is deactivated. */
  writable(chatId: number): Chat;
  add(
    chat: Chat,
    from: WireUser,
    content: FormattedText & Pick<ShownMessage, 'sender_chat' | 'silent'>,
    markup?: InlineKeyboardMarkup,
  ): ShownMessage;
  /** For messages that the page does not show. */
  nextMessageId(): number;
  changed(chat: Chat): void;
  messageChanged(chat: Chat, message: ShownMessage): void;
}

export interface ChatsOptions {
  bot: WireUser;
  firstMessageId: number;
  /** How many messages each chat keeps; the oldest go first. */
  keepMessages: number;
  /** Unix time in milliseconds. */
  wallClock: () => number;
  emit: (change: ChatChange) => void;
}

/** The chats and what is in them. Message ids are one ascending row over all chats, as in a bot's private chats. */
export function createChats({ bot, firstMessageId, keepMessages, wallClock, emit }: ChatsOptions): Chats {
  const chats = new Map<number, Chat>();
  let nextMessageId = firstMessageId;

  const register = (wire: WireChat, user: WireUser | null, caption: string): Chat => {
    const known = chats.get(wire.id);
    const chat: Chat = {
      wire,
      user,
      caption,
      blocked: known?.blocked ?? false,
      deactivated: known?.deactivated ?? false,
      migratedTo: known?.migratedTo ?? null,
      messages: known?.messages ?? new Map(),
    };
    chats.set(wire.id, chat);
    emit({ type: 'chat', chat: viewOf(chat) });
    return chat;
  };

  return {
    registerUser({ caption = '', ...user }) {
      const { language_code, ...profile } = user;
      const language = language_code === undefined ? {} : { language_code };
      return register({ ...profile, type: 'private' }, { ...profile, is_bot: false, ...language }, caption);
    },
    registerGroup: ({ id, title }, type = 'group') => register({ id, type, title }, null, ''),
    all: () => [...chats.values()],
    find: (chatId) => chats.get(chatId),
    writable(chatId) {
      const chat = chats.get(chatId);
      if (!chat) throw chatNotFound();
      if (chat.deactivated) throw userDeactivated();
      if (chat.migratedTo !== null) throw chatMigrated(chat.migratedTo);
      if (chat.blocked) throw chat.wire.type === 'private' ? blockedByUser() : kickedFromGroup(chat.wire.type);
      return chat;
    },
    nextMessageId: () => nextMessageId++,
    add(chat, from, { text, entities, sender_chat, silent }, markup) {
      const message: ShownMessage = {
        message_id: nextMessageId++,
        from,
        chat: chat.wire,
        ...(sender_chat === undefined ? {} : { sender_chat }),
        date: Math.floor(wallClock() / 1_000),
        text,
        ...(entities.length === 0 ? {} : { entities }),
        ...(markup === undefined ? {} : { reply_markup: markup }),
        outgoing: from === bot,
        deleted: false,
        ...(silent && { silent }),
      };
      chat.messages.set(message.message_id, message);
      if (chat.messages.size > keepMessages) dropOldest(chat.messages);
      emit({ type: 'message', chat_id: chat.wire.id, message });
      return message;
    },
    changed: (chat) => emit({ type: 'chat', chat: viewOf(chat) }),
    messageChanged: (chat, message) => emit({ type: 'message', chat_id: chat.wire.id, message }),
  };
}

function dropOldest(messages: Map<number, ShownMessage>): void {
  for (const id of messages.keys()) {
    messages.delete(id);
    return;
  }
}

export function viewOf({ wire, user, caption, blocked, deactivated }: Chat): ChatView {
  const name = wire.title ?? [wire.first_name, wire.last_name].filter(Boolean).join(' ');
  return { id: wire.id, name, caption, language_code: user?.language_code ?? '', blocked, deactivated };
}

/** The message as the Bot API shows it, without what only the sandbox knows. */
export function wireMessage(shown: ShownMessage): WireMessage {
  const { outgoing: _outgoing, deleted: _deleted, silent: _silent, ...message } = shown;
  return message;
}
