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
  /** Unix time in seconds. */
  date: number;
  edit_date?: number;
  text: string;
  entities?: TelegramEntity[];
  reply_markup?: InlineKeyboardMarkup;
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

type ChatMember = { user: WireUser; status: 'member' } | { user: WireUser; status: 'kicked'; until_date: number };

export interface UpdatePayloads {
  message: WireMessage;
  callback_query: CallbackQuery;
  my_chat_member: ChatMemberUpdated;
}
export type UpdateType = keyof UpdatePayloads;

export type WireUpdate = { update_id: number } & Partial<UpdatePayloads>;
