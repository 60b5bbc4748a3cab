import { badRequest, chatMigrated, chatNotFound, tooManyRequests, userDeactivated } from './api-error.ts';
import { type BotCommand, commandsKey, readBotCommands } from './bot-commands.ts';
import type { CallbackQueries } from './callback-queries.ts';
import { type Chat, type ChatChange, type Chats, type ShownMessage, wireMessage } from './chats.ts';
import { readMessageText } from './message-text.ts';
import {
  booleanParameter,
  integerParameter,
  integerWithin,
  jsonParameter,
  type Parameters,
  textParameter,
} from './parameters.ts';
import type { RateGate } from './rate-limits.ts';
import { readInlineMarkup, readReplyMarkup } from './reply-markup.ts';
import type { UpdateQueue } from './update-queue.ts';
import type { WireUser } from './wire.ts';

/** A method's `result`, or a promise of it; refuses by throwing an {@link ApiError}. */
export type BotMethod = (parameters: Parameters, call: MethodCall) => unknown;

export interface MethodCall {
  /** When the request was in, monotonic milliseconds. */
  readonly at: number;
  /** Aborted when the caller hangs up. */
  gone(): AbortSignal;
}

export interface BotMethodsDeps {
  bot: WireUser;
  chats: Chats;
  callbacks: CallbackQueries;
  updates: UpdateQueue;
  /** Null: no limits. */
  rateGate: RateGate | null;
  commands: Map<string, BotCommand[]>;
  wallClock: () => number;
  emit: (change: ChatChange) => void;
}

/** telegram-bot-api, `LONG_POLL_MAX_TIMEOUT`. */
const LONG_POLL_MAX_SECONDS = 50;
/** Bot API, deleteMessage: a message can only be deleted if it was sent less than 48 hours ago. */
const DELETABLE_SECONDS = 48 * 60 * 60;
/** Bot API, answerCallbackQuery. */
const CALLBACK_TEXT_MAX_UNITS = 200;

/** The methods by lower-case name: the server does not mind the case. */
export function createBotMethods(deps: BotMethodsDeps): ReadonlyMap<string, BotMethod> {
  const { bot, chats } = deps;
  return new Map<string, BotMethod>([
    ['getme', () => ({ ...bot, ...BOT_ABILITIES })],
    ['getupdates', (parameters, call) => getUpdates(deps, parameters, call)],
    ['sendmessage', (parameters, call) => sendMessage(deps, parameters, call)],
    ['editmessagetext', (parameters) => editMessageText(deps, parameters)],
    ['editmessagereplymarkup', (parameters) => editMessageReplyMarkup(deps, parameters)],
    ['deletemessage', (parameters) => deleteMessage(deps, parameters)],
    ['answercallbackquery', (parameters) => answerCallbackQuery(deps, parameters)],
    ['getchat', (parameters) => getChat(chats, parameters)],
    [
      'setmycommands',
      (parameters) => {
        deps.commands.set(commandsKey(parameters), readBotCommands(parameters));
        return true;
      },
    ],
    ['getmycommands', (parameters) => deps.commands.get(commandsKey(parameters)) ?? []],
    ['deletewebhook', () => true],
    [
      'getwebhookinfo',
      () => ({ url: '', has_custom_certificate: false, pending_update_count: deps.updates.pending() }),
    ],
  ]);
}

const BOT_ABILITIES = {
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
};

function getUpdates({ updates }: BotMethodsDeps, parameters: Parameters, call: MethodCall): Promise<unknown> {
  const allowed = jsonParameter(parameters, 'allowed_updates', () => badRequest("can't parse allowed_updates"));
  if (Array.isArray(allowed)) updates.allow(allowed.map(String));
  const timeout = integerWithin(parameters, 'timeout', { absent: 0, min: 0, max: LONG_POLL_MAX_SECONDS });
  const request = {
    offset: integerParameter(parameters, 'offset'),
    limit: integerWithin(parameters, 'limit', { absent: 100, min: 1, max: 100 }),
    timeoutMs: timeout * 1_000,
  };
  return updates.poll(request, call.gone());
}

export function chatIdOf(parameters: Parameters): number | undefined {
  return textParameter(parameters, 'chat_id') === '' ? undefined : integerParameter(parameters, 'chat_id');
}

function requiredChatId(parameters: Parameters): number {
  const chatId = chatIdOf(parameters);
  if (chatId === undefined) throw badRequest('chat_id is empty');
  return chatId;
}

function sendMessage({ bot, chats, rateGate }: BotMethodsDeps, parameters: Parameters, { at }: MethodCall): unknown {
  const content = readMessageText(parameters);
  const markup = readReplyMarkup(parameters);
  const chat = chats.writable(requiredChatId(parameters));
  const paid = booleanParameter(parameters, 'allow_paid_broadcast');
  const wait = rateGate?.take(chat.wire.id, at, { paid }) ?? 0;
  if (wait > 0) throw tooManyRequests(wait);
  const silent = booleanParameter(parameters, 'disable_notification');
  return wireMessage(chats.add(chat, bot, { ...content, silent }, markup));
}

/** The bot's own message that an edit names. */
function editable({ chats }: BotMethodsDeps, parameters: Parameters): { chat: Chat; message: ShownMessage } {
  const chatId = chatIdOf(parameters);
  const messageId = integerParameter(parameters, 'message_id');
  if (chatId === undefined && messageId === 0) throw badRequest('message identifier is not specified');
  const chat = chats.writable(requiredChatId(parameters));
  const message = chat.messages.get(messageId);
  if (!message || message.deleted) throw badRequest('message to edit not found');
  if (!message.outgoing) throw badRequest("message can't be edited");
  return { chat, message };
}

const notModified = (): Error =>
  badRequest(
    'message is not modified: specified new message content and reply markup are exactly the same as a current content ' +
      'and reply markup of the message',
  );

function editMessageText(deps: BotMethodsDeps, parameters: Parameters): unknown {
  const { text, entities } = readMessageText(parameters);
  const markup = readInlineMarkup(parameters);
  const { chat, message } = editable(deps, parameters);
  if (text === message.text && same(entities, message.entities ?? []) && same(markup, message.reply_markup))
    throw notModified();
  const { entities: _entities, reply_markup: _markup, ...rest } = message;
  return replace(deps, chat, {
    ...rest,
    text,
    ...(entities.length === 0 ? {} : { entities }),
    ...(markup === undefined ? {} : { reply_markup: markup }),
  });
}

function editMessageReplyMarkup(deps: BotMethodsDeps, parameters: Parameters): unknown {
  const markup = readInlineMarkup(parameters);
  const { chat, message } = editable(deps, parameters);
  if (same(markup, message.reply_markup)) throw notModified();
  const { reply_markup: _markup, ...rest } = message;
  return replace(deps, chat, { ...rest, ...(markup === undefined ? {} : { reply_markup: markup }) });
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function replace({ chats, wallClock }: BotMethodsDeps, chat: Chat, edited: ShownMessage): unknown {
  const message: ShownMessage = { ...edited, edit_date: Math.floor(wallClock() / 1_000) };
  chat.messages.set(message.message_id, message);
  chats.messageChanged(chat, message);
  return wireMessage(message);
}

function deleteMessage({ chats, wallClock }: BotMethodsDeps, parameters: Parameters): true {
  const chatId = chatIdOf(parameters);
  if (chatId === undefined) throw badRequest('chat identifier is not specified');
  const messageId = integerParameter(parameters, 'message_id');
  if (messageId === 0) throw badRequest('message identifier is not specified');
  const chat = chats.find(chatId);
  if (!chat) throw chatNotFound();
  if (chat.deactivated) throw userDeactivated();
  if (chat.migratedTo !== null) throw chatMigrated(chat.migratedTo);
  const message = chat.messages.get(messageId);
  if (!message || message.deleted) throw badRequest('message to delete not found');
  if (wallClock() / 1_000 - message.date >= DELETABLE_SECONDS)
    throw badRequest("message can't be deleted for everyone");
  message.deleted = true;
  chats.messageChanged(chat, message);
  return true;
}

function answerCallbackQuery({ callbacks, emit }: BotMethodsDeps, parameters: Parameters): true {
  const answer = {
    text: textParameter(parameters, 'text'),
    show_alert: booleanParameter(parameters, 'show_alert'),
    url: textParameter(parameters, 'url'),
  };
  if (answer.text.length > CALLBACK_TEXT_MAX_UNITS) throw badRequest('MESSAGE_TOO_LONG');
  const chatId = callbacks.answer(textParameter(parameters, 'callback_query_id'), answer);
  emit({ type: 'callback_answer', chat_id: chatId, ...answer });
  return true;
}

function getChat(chats: Chats, parameters: Parameters): unknown {
  const chat = chats.find(requiredChatId(parameters));
  if (!chat) throw chatNotFound();
  return { ...chat.wire, accent_color_id: 0, max_reaction_count: 11 };
}
