import { cutText } from './cut-text.ts';
import { MESSAGE_MAX_LENGTH } from './limits.ts';
import { parseTelegramHtml } from './telegram-html.ts';
import { readReference } from './telegram-html-lexer.ts';

/** What has the looks of a tag; a lone `<` is text. */
const TAG = /<\/?[a-z][^<>]*>/gi;

/** The words of a message that Telegram does not take as HTML, also where it is none; as long as a message may be. */
export function plainText(html: string): string {
  const parsed = parseTelegramHtml(html);
  const text = parsed.ok ? parsed.text : decode(html.replace(TAG, ''));
  return cutText(text.toWellFormed().trim(), MESSAGE_MAX_LENGTH);
}

function decode(text: string): string {
  let decoded = '';
  let position = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', position)) {
    const reference = readReference(text, at);
    decoded += text.slice(position, at) + reference.text;
    position = reference.end;
  }
  return decoded + text.slice(position);
}
