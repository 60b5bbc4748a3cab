import type { TelegramEntity } from '#src/messages/telegram-html.ts';
import type { CallbackAnswer, CallbackQueries } from './callback-queries.ts';
import { type Chat, type Chats, type ShownMessage, wireMessage } from './chats.ts';
import type { UpdateQueue } from './update-queue.ts';
import type { WireUser } from './wire.ts';

/** What a person does that the sandbox cannot let happen; `code` is stable. */
export class VirtualUserError extends Error {
  readonly code: 'unknown_user' | 'bot_blocked' | 'unknown_message' | 'unknown_button' | 'empty_text';

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
  sendText(userId: number, text: string): ShownMessage;
  /** Presses a button that the message shows now. */
  pressButton(userId: number, messageId: number, data: string): PressedButton;
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
  const activeChat = (userId: number): { chat: Chat; user: WireUser } => {
    const found = privateChat(userId);
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
    sendText(userId, text) {
      const { chat, user } = activeChat(userId);
      const trimmed = text.trim();
      if (trimmed === '') throw new VirtualUserError('empty_text', 'a message needs text');
      const message = chats.add(chat, user, { text: trimmed, entities: commandsIn(trimmed) });
      updates.add('message', wireMessage(message));
      return message;
    },
    pressButton(userId, messageId, data) {
      const { chat, user } = activeChat(userId);
      const message = chat.messages.get(messageId);
      if (!message || message.deleted)
        throw new VirtualUserError('unknown_message', `chat ${userId} shows no message ${messageId}`);
      const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
      if (!buttons.some(({ callback_data }) => callback_data === data))
        throw new VirtualUserError('unknown_button', `message ${messageId} has no button "${data}"`);
      const queryId = callbacks.open(userId);
      updates.add('callback_query', {
        id: queryId,
        from: user,
        message: wireMessage(message),
        chat_instance: String(userId),
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

const COMMAND = /(?<![\w/])\/[A-Za-z0-9_]{1,64}(?:@\w+)?(?![\w/])/g;

/** Telegram marks the commands in what a user writes (Bot API, MessageEntity `bot_command`). */
const commandsIn = (text: string): TelegramEntity[] =>
  [...text.matchAll(COMMAND)].map((match) => ({ type: 'bot_command', offset: match.index, length: match[0].length }));
