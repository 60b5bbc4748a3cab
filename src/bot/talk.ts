import { type Account, accountsOf } from '../db/accounts.ts';
import type { Locale } from '../domain/events.ts';
import type { InlineButton } from '../messages/message.ts';
import { PLAIN_TEXTS, TELEGRAM_TEXTS, type Texts } from '../messages/texts.ts';
import { localeOf } from './accounts.ts';
import type { BotContext } from './bot-context.ts';

/** Who wrote or pressed, and in which words to answer them. */
export interface Reader {
  /** Empty for a stranger. */
  accounts: Account[];
  locale: Locale;
  /** For messages. */
  texts: Texts;
  /** For buttons, and for answers to their presses. */
  plain: Texts;
}

export async function readerOf(ctx: BotContext): Promise<Reader> {
  const accounts = ctx.from ? await accountsOf(ctx.tx, ctx.from.id) : [];
  const locale = localeOf(accounts, ctx.from?.language_code);
  return { accounts, ...wordsOf(locale) };
}

export function wordsOf(locale: Locale): Omit<Reader, 'accounts'> {
  return { locale, texts: TELEGRAM_TEXTS[locale], plain: PLAIN_TEXTS[locale] };
}

/** A new message in the chat that the update came from. */
export function say(ctx: BotContext, html: string, keyboard: InlineButton[][] = []): void {
  if (ctx.chat) ctx.respond({ kind: 'send', chat_id: ctx.chat.id, html, keyboard });
}

/** What a message of the bot shows; Telegram HTML. */
export interface Page {
  html: string;
  keyboard: InlineButton[][];
}

/** Ends the waiting of the pressed button. */
export function answer(ctx: BotContext, text = '', { alert = false } = {}): void {
  if (ctx.callbackQuery) ctx.respond({ kind: 'answer', query_id: ctx.callbackQuery.id, text, alert });
}

/** Shows something else in the message whose button was pressed. */
export function showInstead(ctx: BotContext, html: string, keyboard: InlineButton[][] = []): void {
  const message = ctx.callbackQuery?.message;
  if (!message) return;
  ctx.respond({ kind: 'edit', chat_id: message.chat.id, message_id: message.message_id, html, keyboard });
}

/** Other buttons below the message whose button was pressed. */
export function showButtons(ctx: BotContext, keyboard: InlineButton[][]): void {
  const message = ctx.callbackQuery?.message;
  if (message) ctx.respond({ kind: 'buttons', chat_id: message.chat.id, message_id: message.message_id, keyboard });
}

/** Who the bot is, to a chat that it does not know. */
export function tellStranger(ctx: BotContext): void {
  say(ctx, TELEGRAM_TEXTS[localeOf([], ctx.from?.language_code)].say('bot.stranger'));
}
