import { HtmlError, readEndTag, readReference, readStartTag } from './telegram-html-lexer.ts';
import { readTelegramLink } from './telegram-link.ts';

/** A piece of formatted text; `offset` and `length` are UTF-16 units (Bot API, MessageEntity). */
export type TelegramEntity = { offset: number; length: number } & (
  | { type: PlainEntityType }
  | { type: 'pre'; language?: string }
  | { type: 'text_link'; url: string }
  | { type: 'text_mention'; user: { id: number } }
  | { type: 'custom_emoji'; custom_emoji_id: string }
  | { type: 'bot_command' }
);

type PlainEntityType =
  | 'bold'
  | 'italic'
  | 'underline'
  | 'strikethrough'
  | 'spoiler'
  | 'code'
  | 'blockquote'
  | 'expandable_blockquote';

export type ParsedTelegramHtml =
  | { ok: true; text: string; entities: TelegramEntity[] }
  /** `error` is worded as the Bot API words it after "Bad Request: "; its offsets are UTF-8 bytes. */
  | { ok: false; error: string };

/**
 * Parses `parse_mode: HTML` as the Bot API server does (Bot API, "HTML style"; tdlib `parse_html`), with its quirks: names
 * of tags ignore case, an unknown named reference stays text, an empty element vanishes, `</>` closes the last tag.
 * `tg-time` is not known here. The text is not trimmed and its length is not limited: that is the business of `sendMessage`.
 */
export function parseTelegramHtml(html: string): ParsedTelegramHtml {
  try {
    return { ok: true, ...readDocument(html) };
  } catch (error) {
    if (error instanceof HtmlError) return { ok: false, error: `can't parse entities: ${error.message}` };
    throw error;
  }
}

const SIMPLE_TAGS: Readonly<Record<string, PlainEntityType>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
};

/** tdlib sorts entities of one range by these; the lower is the outer. */
const TYPE_PRIORITY: Readonly<Record<TelegramEntity['type'], number>> = {
  blockquote: 0,
  expandable_blockquote: 0,
  pre: 11,
  code: 20,
  text_link: 49,
  text_mention: 49,
  bot_command: 50,
  bold: 90,
  italic: 91,
  underline: 92,
  strikethrough: 93,
  spoiler: 94,
  custom_emoji: 99,
};

interface OpenTag {
  name: string;
  argument: string;
  /** Length of the text when the tag opened. */
  offset: number;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function readDocument(html: string): { text: string; entities: TelegramEntity[] } {
  const entities: TelegramEntity[] = [];
  const languages = new Map<TelegramEntity, string>();
  const open: OpenTag[] = [];
  let text = '';
  let position = 0;
  while (position < html.length) {
    if (html[position] === '&') {
      const reference = readReference(html, position);
      text += reference.text;
      position = reference.end;
    } else if (html[position] !== '<') {
      const plain = /[^&<]+/y;
      plain.lastIndex = position;
      const run = plain.exec(html)?.[0] ?? '';
      text += run;
      position += run.length;
    } else if (html[position + 1] === '/') {
      const tag = open.at(-1);
      position = readEndTag(html, position, tag);
      if (tag && text.length > tag.offset) closeTag(tag, text, entities, languages);
      open.pop();
    } else {
      const tag = readStartTag(html, position);
      open.push({ name: tag.name, argument: tag.argument, offset: text.length });
      position = tag.end;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) throw new HtmlError(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  if (LONE_SURROGATE.test(text))
    throw new HtmlError(
      'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
    );
  return { text, entities: entities.sort(byPosition) };
}

const byPosition = (a: TelegramEntity, b: TelegramEntity): number =>
  a.offset - b.offset || b.length - a.length || TYPE_PRIORITY[a.type] - TYPE_PRIORITY[b.type];

/** Adds what a closed element means; `languages` keeps the class of a `code` element until its `pre` closes around it. */
function closeTag(
  { name, argument, offset }: OpenTag,
  text: string,
  entities: TelegramEntity[],
  languages: Map<TelegramEntity, string>,
): void {
  const range = { offset, length: text.length - offset };
  const simple = SIMPLE_TAGS[name];
  if (simple) entities.push({ ...range, type: simple });
  else if (name === 'blockquote')
    entities.push({ ...range, type: argument === '' ? 'blockquote' : 'expandable_blockquote' });
  else if (name === 'tg-emoji') entities.push({ ...range, type: 'custom_emoji', custom_emoji_id: emojiId(argument) });
  else if (name === 'a') pushLink(argument === '' ? text.slice(offset) : argument, range, entities);
  else closeCodeTag(name, argument, range, entities, languages);
}

/** `<pre><code class="language-x">` and the reverse become one `pre` when both cover the same text. */
function closeCodeTag(
  name: string,
  language: string,
  range: { offset: number; length: number },
  entities: TelegramEntity[],
  languages: Map<TelegramEntity, string>,
): void {
  const last = entities.at(-1);
  const same = last?.offset === range.offset && last.length === range.length ? last : undefined;
  const inner = same && languages.get(same);
  if (name === 'pre' && same?.type === 'code' && inner) {
    entities[entities.length - 1] = { ...range, type: 'pre', language: inner };
  } else if (name === 'code' && same?.type === 'pre' && language !== '') {
    entities[entities.length - 1] = { ...range, type: 'pre', language };
  } else {
    const entity: TelegramEntity = { ...range, type: name === 'pre' ? 'pre' : 'code' };
    if (name === 'code' && language !== '') languages.set(entity, language);
    entities.push(entity);
  }
}

function pushLink(link: string, range: { offset: number; length: number }, entities: TelegramEntity[]): void {
  const target = readTelegramLink(link);
  if (target.kind === 'user') entities.push({ ...range, type: 'text_mention', user: { id: target.userId } });
  else if (target.kind === 'url') entities.push({ ...range, type: 'text_link', url: target.url });
  // Telegram shows the text of a link it cannot use as plain text.
}

function emojiId(argument: string): string {
  const id = /^-?\d{1,19}$/.test(argument) ? BigInt(argument) : 0n;
  if (id === 0n || BigInt.asIntN(64, id) !== id) throw new HtmlError('Invalid custom emoji identifier specified');
  return String(id);
}
