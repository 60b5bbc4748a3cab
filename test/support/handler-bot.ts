import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Api, type Composer } from 'grammy';
import type { Chat, MessageEntity, Update, User, UserFromGetMe } from 'grammy/types';
import { BotContext } from '#src/bot/bot-context.ts';
import { type BotResponse, botResponseSchema } from '#src/bot/bot-response.ts';
import type { Database } from '#src/db/database.ts';
import { MESSAGE_MAX_LENGTH } from '#src/messages/limits.ts';
import type { InlineButton } from '#src/messages/message.ts';
import { parseTelegramHtml } from '#src/messages/telegram-html.ts';

/** Bot API, InlineKeyboardButton and answerCallbackQuery. */
const CALLBACK_DATA_MAX_BYTES = 64;
const ANSWER_MAX_LENGTH = 200;

const ME: UserFromGetMe = {
  id: 424242,
  is_bot: true,
  first_name: 'Vestnik',
  username: 'vestnik_test_bot',
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_join_request_queries: false,
};

/** What a message says of which the test knows no more. */
const UNSEEN = 'shown';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';

/** A message of the bot's as a chat shows it after all responses. */
export interface BotMessage {
  message_id: number;
  html: string;
  /** What people read. */
  text: string;
  keyboard: InlineButton[][];
}

export type GivenUpdate = Omit<Update, 'update_id'>;

/** Handlers of the bot without the way to and from Telegram: each update acts in one transaction, as in the product. */
export interface TestBot {
  /** What handlers take for the present; a test may move it. */
  now: Date;
  /** All that the bot has said and shown so far. */
  readonly responses: BotResponse[];
  /** The messages of the bot in a chat, oldest first, edited and deleted as it said. */
  messages(chatId: number): BotMessage[];
  /** Handles one update; gives the responses to it. */
  update(update: GivenUpdate): Promise<BotResponse[]>;
  /** A message in the private chat of the user, or in the chat given. */
  text(userId: number, text: string, chat?: Chat): Promise<BotResponse[]>;
  /** A pressed button, whether or not a message shows it. */
  press(userId: number, chatId: number, messageId: number, data: string): Promise<BotResponse[]>;
}

/**
 * Responses are checked as Telegram would: their HTML, their lengths, and that a press is answered once at most.
 * @param t fails when a handler called a method of the Bot API.
 */
export function createTestBot(t: TestContext, composer: Composer<BotContext>, database: Database): TestBot {
  const calls: string[] = [];
  t.after(() => assert.deepEqual(calls, [], 'handlers must not call the Bot API'));
  const api = new Api('424242:test');
  api.config.use((_call, method) => {
    calls.push(method);
    throw new Error(`a handler called ${method}`);
  });
  const handle = composer.middleware();
  const chats = new Map<number, BotMessage[]>();
  const responses: BotResponse[] = [];
  let nextId = 1;

  const messagesOf = (chatId: number): BotMessage[] => {
    const messages = chats.get(chatId) ?? [];
    chats.set(chatId, messages);
    return messages;
  };

  function show(response: BotResponse): void {
    if (response.kind === 'answer') return;
    const messages = messagesOf(response.chat_id);
    if (response.kind === 'send') {
      messages.push({ message_id: nextId++, ...contentOf(response) });
      return;
    }
    const at = messages.findIndex(({ message_id }) => message_id === response.message_id);
    if (response.kind === 'delete') {
      if (at >= 0) messages.splice(at, 1);
      return;
    }
    // What something else than this bot has sent, such as a notification, is known from its first edit on.
    const content =
      response.kind === 'edit' ? response : { html: messages[at]?.html ?? UNSEEN, keyboard: response.keyboard };
    const edited = { message_id: response.message_id, ...contentOf(content) };
    if (at >= 0) messages[at] = edited;
    else messages.push(edited);
  }

  const bot: TestBot = {
    now: new Date('2026-11-23T09:00:00.000Z'),
    responses,
    messages: (chatId) => [...messagesOf(chatId)],
    async update(given) {
      const update: Update = { ...given, update_id: nextId++ };
      const said = await database.write(async (tx) => {
        const context = new BotContext({ update, api, me: ME, tx, now: bot.now, trace: TRACE });
        await handle(context, async () => undefined);
        return context.responses;
      });
      const checked = said.map((response) => botResponseSchema.parse(response));
      checkAnswers(checked, given.callback_query?.id);
      for (const response of checked) show(response);
      responses.push(...checked);
      return checked;
    },
    text: (userId, text, chat = privateChat(userId)) => bot.update(textUpdate(userId, text, chat)),
    press: (userId, chatId, messageId, data) =>
      bot.update({
        callback_query: {
          id: `query-${nextId++}`,
          from: person(userId),
          chat_instance: String(chatId),
          data,
          message: {
            message_id: messageId,
            date: 1,
            chat: chatId > 0 ? privateChat(chatId) : group(chatId),
            from: ME,
            text: UNSEEN,
          },
        },
      } as GivenUpdate),
  };
  return bot;
}

export function textUpdate(userId: number, text: string, chat: Chat, change: object = {}): GivenUpdate {
  const message = { message_id: 1, date: 1, chat, from: person(userId), text, entities: commandsIn(text), ...change };
  return { message } as GivenUpdate;
}

export function person(id: number): User {
  return { id, is_bot: false, first_name: `User ${id}` };
}

export function privateChat(id: number): Chat {
  return { id, type: 'private', first_name: `User ${id}` };
}

/** @param id negative */
export function group(id: number, title = 'Админы'): Chat {
  return { id, type: 'supergroup', title };
}

/** What Telegram tells of the bot's own standing in a chat. */
export function membership(userId: number, chat: Chat, from: string, to: string): GivenUpdate {
  const member = (status: string) => ({ user: ME, status });
  const change = { old_chat_member: member(from), new_chat_member: member(to) };
  return { my_chat_member: { chat, from: person(userId), date: 1, ...change } } as GivenUpdate;
}

function contentOf({ html, keyboard }: { html: string; keyboard: InlineButton[][] }) {
  const parsed = parseTelegramHtml(html);
  if (!parsed.ok) assert.fail(`Telegram refuses this: ${parsed.error}\n${html}`);
  const { text } = parsed;
  assert.equal(text.trim() !== '' && text.length <= MESSAGE_MAX_LENGTH, true, `Telegram refuses this length: ${text}`);
  for (const button of keyboard.flat()) {
    const bytes = Buffer.byteLength(button.callback_data);
    assert.equal(bytes > 0 && bytes <= CALLBACK_DATA_MAX_BYTES, true, `too long: ${button.callback_data}`);
    assert.notEqual(button.text.trim(), '');
  }
  return { html, text, keyboard };
}

function checkAnswers(said: readonly BotResponse[], queryId: string | undefined): void {
  const answers = said.filter((response) => response.kind === 'answer');
  assert.equal(answers.length <= 1, true, 'a press is answered once');
  for (const { query_id, text } of answers) {
    assert.equal(query_id, queryId);
    assert.equal(text.length <= ANSWER_MAX_LENGTH, true, `too long for an answer: ${text}`);
  }
}

const COMMAND = /^\/[A-Za-z0-9_]{1,64}(?:@\w+)?/;

/** Telegram marks commands (Bot API, MessageEntity `bot_command`); grammY goes by that mark. */
function commandsIn(text: string): MessageEntity[] {
  const command = COMMAND.exec(text);
  return command ? [{ type: 'bot_command', offset: 0, length: command[0].length }] : [];
}
