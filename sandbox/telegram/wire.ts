import type { TelegramEntity } from '#src/messages/telegram-html.ts';

/** The parts of the Bot API's objects that the simulator speaks (Bot API, "Available types"). */
export interface WireUser {
  id: number;
  is_bot: boolean;
  first_name: string;
  last_name?: string;
  username?: string;
  language_code?: string;
}

export interface WireChat {
  id: number;
  type: 'private' | 'group' | 'supergroup';
  title?: string;
  first_name?: string;
  last_name?: string;
  username?: string;
}

export interface InlineKeyboardButton {
  text: string;
  callback_data?: string;
  url?: string;
}

export interface InlineKeyboardMarkup {
  inline_keyboard: InlineKeyboardButton[][];
}

export interface WireMessage {
  message_id: number;
  from: WireUser;
  chat: WireChat;
  /** The group, where an admin of it writes in its name; `from` is then GroupAnonymousBot. */
  sender_chat?: WireChat;
  /** Unix time in seconds. */
  date: number;
  edit_date?: number;
  text: string;
  entities?: TelegramEntity[];
  reply_markup?: InlineKeyboardMarkup;
}

/** A message without text that tells of the chat itself (Bot API, Message). */
export interface WireServiceMessage extends Pick<WireMessage, 'message_id' | 'from' | 'chat' | 'date'> {
  migrate_to_chat_id?: number;
  migrate_from_chat_id?: number;
  new_chat_title?: string;
}

export interface CallbackQuery {
  id: string;
  from: WireUser;
  message: WireMessage;
  chat_instance: string;
  data: string;
}

interface ChatMemberUpdated {
  chat: WireChat;
  from: WireUser;
  date: number;
  old_chat_member: ChatMember;
  new_chat_member: ChatMember;
}

type ChatMember =
  | { user: WireUser; status: 'member' | 'left' }
  | { user: WireUser; status: 'kicked'; until_date: number };

export interface UpdatePayloads {
  message: WireMessage | WireServiceMessage;
  callback_query: CallbackQuery;
  my_chat_member: ChatMemberUpdated;
}
export type UpdateType = keyof UpdatePayloads;

export type WireUpdate = { update_id: number } & Partial<UpdatePayloads>;
