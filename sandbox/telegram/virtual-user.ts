import type { TelegramEntity } from '#src/messages/telegram-html.ts';
import type { CallbackAnswer, CallbackQueries } from './callback-queries.ts';
import { type Chat, type Chats, type ShownMessage, wireMessage } from './chats.ts';
import type { UpdateQueue } from './update-queue.ts';
import type { WireUser } from './wire.ts';

/** What a person does that the sandbox cannot let happen; `code` is stable. */
export class VirtualUserError extends Error {
  readonly code: 'unknown_user' | 'unknown_chat' | 'bot_blocked' | 'unknown_message' | 'unknown_button' | 'empty_text';

  constructor(code: VirtualUserError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface PressedButton {
  queryId: string;
  /** Null until the bot has answered the query. */
  answer(): CallbackAnswer | null;
}

/** The people at the other end: what they do reaches the bot as updates. All throw {@link VirtualUserError}. */
export interface VirtualUsers {
  /**
   * In their private chat, or in a group: there the bot hears of commands alone, and of none for another bot (Bots, "Privacy
   * mode"). An `anonymous` admin of a group writes in its name.
   */
  sendText(userId: number, text: string, where?: { chatId?: number; anonymous?: boolean }): ShownMessage;
  /**
   * Presses a button that the message shows now, in their private chat or in a group. A `forged` press needs no such button: a
   * changed client sends what it likes, and a slow one a button that has been edited away.
   */
  pressButton(
    userId: number,
    messageId: number,
    data: string,
    chatId?: number,
    how?: { forged?: boolean },
  ): PressedButton;
  /** As "Stop bot": the bot may no longer write. */
  block(userId: number): void;
  unblock(userId: number): void;
  /** Deletes the account: writing to it is refused from now on. */
  deactivate(userId: number): void;
}

export interface VirtualUsersDeps {
  bot: WireUser;
  chats: Chats;
  callbacks: CallbackQueries;
  updates: UpdateQueue;
  wallClock: () => number;
}

export function createVirtualUsers({ bot, chats, callbacks, updates, wallClock }: VirtualUsersDeps): VirtualUsers {
  const privateChat = (userId: number): { chat: Chat; user: WireUser } => {
    const chat = chats.find(userId);
    if (!chat?.user) throw new VirtualUserError('unknown_user', `no user ${userId} has pressed Start`);
    return { chat, user: chat.user };
  };
  const activeChat = (userId: number, chatId: number): { chat: Chat; user: WireUser } => {
    const found = privateChat(userId);
    if (chatId !== userId) return { chat: groupChat(chats, chatId), user: found.user };
    if (found.chat.blocked) throw new VirtualUserError('bot_blocked', `user ${userId} has blocked the bot`);
    return found;
  };

  const setBlocked = (userId: number, blocked: boolean): void => {
    const { chat, user } = privateChat(userId);
    if (chat.blocked === blocked) return;
    chat.blocked = blocked;
    chats.changed(chat);
    const member = { user: bot, status: 'member' } as const;
    const kicked = { user: bot, status: 'kicked', until_date: 0 } as const;
    updates.add('my_chat_member', {
      chat: chat.wire,
      from: user,
      date: Math.floor(wallClock() / 1_000),
      old_chat_member: blocked ? member : kicked,
      new_chat_member: blocked ? kicked : member,
    });
  };

  return {
    sendText(userId, text, { chatId = userId, anonymous = false } = {}) {
      const { chat, user } = activeChat(userId, chatId);
      const trimmed = text.trim();
      if (trimmed === '') throw new VirtualUserError('empty_text', 'a message needs text');
      const content = { text: trimmed, entities: commandsIn(trimmed) };
      const message = anonymous
        ? chats.add(chat, ANONYMOUS_ADMIN, { ...content, sender_chat: chat.wire })
        : chats.add(chat, user, content);
      if (!chat.blocked && (chat.user !== null || isCommandFor(bot, trimmed)))
        updates.add('message', wireMessage(message));
      return message;
    },
    pressButton(userId, messageId, data, chatId = userId, { forged = false } = {}) {
      const { chat, user } = activeChat(userId, chatId);
      const message = chat.messages.get(messageId);
      if (!message || message.deleted)
        throw new VirtualUserError('unknown_message', `chat ${chatId} shows no message ${messageId}`);
      const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
      if (!forged && !buttons.some(({ callback_data }) => callback_data === data))
        throw new VirtualUserError('unknown_button', `message ${messageId} has no button "${data}"`);
      const queryId = callbacks.open(chatId);
      if (chat.blocked) return { queryId, answer: () => null };
      updates.add('callback_query', {
        id: queryId,
        from: user,
        message: wireMessage(message),
        chat_instance: String(chatId),
        data,
      });
      return { queryId, answer: () => callbacks.answerOf(queryId) };
    },
    block: (userId) => setBlocked(userId, true),
    unblock: (userId) => setBlocked(userId, false),
    deactivate(userId) {
      const { chat } = privateChat(userId);
      chat.deactivated = true;
      chats.changed(chat);
    },
  };
}

/** Bot API, Message: `from` of what is sent on behalf of a group. */
const ANONYMOUS_ADMIN: WireUser = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
};

/** @throws {VirtualUserError} */
export function groupChat(chats: Chats, chatId: number): Chat {
  const chat = chats.find(chatId);
  if (!chat || chat.user || chat.migratedTo !== null)
    throw new VirtualUserError('unknown_chat', `there is no group ${chatId}`);
  return chat;
}

function isCommandFor(bot: WireUser, text: string): boolean {
  const command = /^\/[A-Za-z0-9_]{1,64}(?:@(\w+))?(?![\w/])/.exec(text);
  if (!command) return false;
  const [, addressee = bot.username] = command;
  return addressee?.toLowerCase() === bot.username?.toLowerCase();
}

const COMMAND = /(?<![\w/])\/[A-Za-z0-9_]{1,64}(?:@\w+)?(?![\w/])/g;

/** Telegram marks the commands in what a user writes (Bot API, MessageEntity `bot_command`). */
const commandsIn = (text: string): TelegramEntity[] =>
  [...text.matchAll(COMMAND)].map((match) => ({ type: 'bot_command', offset: match.index, length: match[0].length }));
