import { readTelegramLink } from '#src/messages/telegram-link.ts';
import { badRequest } from './api-error.ts';
import { isObject, jsonParameter, type Parameters } from './parameters.ts';
import type { InlineKeyboardButton, InlineKeyboardMarkup } from './wire.ts';

/** Bot API, InlineKeyboardButton: `callback_data` is 1–64 bytes. */
const CALLBACK_DATA_MAX_BYTES = 64;
const KEYBOARD_MAX_BUTTONS = 100;

/**
 * Reads `reply_markup`. Keyboards other than inline ones are checked for their shape and then ignored: they are no part of
 * a message.
 */
export function readReplyMarkup(parameters: Parameters): InlineKeyboardMarkup | undefined {
  const markup = jsonParameter(parameters, 'reply_markup', () =>
    badRequest("can't parse reply keyboard markup JSON object"),
  );
  if (markup === undefined) return undefined;
  if (!isObject(markup)) throw badRequest('object expected as reply markup');
  rowsOf(markup, 'keyboard', 'Field "keyboard" must be an Array of Arrays');
  const rows = rowsOf(
    markup,
    'inline_keyboard',
    'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
  );
  const keyboard = rows.map((row) => row.map(readInlineButton)).filter((row) => row.length > 0);
  if (keyboard.flat().length > KEYBOARD_MAX_BUTTONS) throw badRequest('reply markup is too long');
  return keyboard.length === 0 ? undefined : { inline_keyboard: keyboard };
}

/** An edited message can have no other keyboard than an inline one. */
export function readInlineMarkup(parameters: Parameters): InlineKeyboardMarkup | undefined {
  const markup = readReplyMarkup(parameters);
  const given = jsonParameter(parameters, 'reply_markup', () => badRequest('inline keyboard expected'));
  if (isObject(given) && ('keyboard' in given || 'remove_keyboard' in given || 'force_reply' in given))
    throw badRequest('inline keyboard expected');
  return markup;
}

function rowsOf(markup: Record<string, unknown>, field: string, failure: string): unknown[][] {
  const rows = markup[field];
  if (rows === undefined || rows === null) return [];
  if (!Array.isArray(rows)) throw badRequest(`field "${field}" must be of type Array`);
  return rows.map((row: unknown) => {
    if (!Array.isArray(row)) throw badRequest(`${failure.charAt(0).toLowerCase()}${failure.slice(1)}`);
    return row as unknown[];
  });
}

const OTHER_BUTTONS = [
  'web_app',
  'login_url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat',
  'copy_text',
  'callback_game',
  'pay',
];

function readInlineButton(button: unknown): InlineKeyboardButton {
  const refuse = (why: string): Error => badRequest(`can't parse inline keyboard button: ${why}`);
  if (!isObject(button)) throw refuse('InlineKeyboardButton must be an Object');
  const text = stringField(button, 'text', refuse);
  if (text === undefined) throw refuse('Can\'t find field "text"');
  const url = stringField(button, 'url', refuse) ?? '';
  const data = stringField(button, 'callback_data', refuse) ?? '';
  const other = OTHER_BUTTONS.some((field) => button[field] !== undefined);
  if (url === '' && data === '' && !other) throw refuse('Text buttons are unallowed in the inline keyboard');
  if (text.trim() === '') throw badRequest('inline keyboard button text must be non-empty');
  if (url !== '') return { text, url: buttonUrl(url) };
  if (Buffer.byteLength(data) > CALLBACK_DATA_MAX_BYTES) throw badRequest('BUTTON_DATA_INVALID');
  return data === '' ? { text } : { text, callback_data: data };
}

function stringField(
  object: Record<string, unknown>,
  name: string,
  refuse: (why: string) => Error,
): string | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw refuse(`Field "${name}" must be of type String`);
  return value;
}

function buttonUrl(url: string): string {
  const link = readTelegramLink(url);
  switch (link.kind) {
    case 'url':
      return link.url;
    case 'user':
      return url;
    case 'invalid':
      throw badRequest(`inline keyboard button URL '${url}' is invalid: ${link.reason}`);
    default:
      throw link satisfies never;
  }
}
