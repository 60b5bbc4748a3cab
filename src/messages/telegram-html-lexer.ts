/** The text breaks the rules of Telegram HTML; the message is worded as tdlib words it. */
export class HtmlError extends Error {}

const TAGS = new Set('a b blockquote code del em i ins pre s span strike strong tg-emoji tg-spoiler u'.split(' '));

const END = '\0';
const isSpace = (char: string): boolean => /[ \t\r\n\v\0]/.test(char);
const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const byteOffset = (html: string, position: number): number => Buffer.byteLength(html.slice(0, position));

const NAMED_REFERENCES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
const REFERENCE = /&(?:#x([0-9a-f]*)|#(\d*)|([a-z]*))/iy;
const LONGEST_NUMERIC_REFERENCE = 9;

/** One character reference, whose semicolon may be missing; what is none stands for itself, as a lone ampersand. */
export function readReference(html: string, position: number): { text: string; end: number } {
  REFERENCE.lastIndex = position;
  const [match = '&', hex, decimal, name] = REFERENCE.exec(html) ?? [];
  let decoded: string | undefined;
  if (name !== undefined) {
    decoded = Object.hasOwn(NAMED_REFERENCES, name) ? NAMED_REFERENCES[name] : undefined;
  } else if (match.length <= LONGEST_NUMERIC_REFERENCE && !match.startsWith('&#X')) {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (code > 0 && code < 0x10ffff) decoded = String.fromCodePoint(code);
  }
  if (decoded === undefined) return { text: '&', end: position + 1 };
  const end = position + match.length;
  return { text: decoded, end: html[end] === ';' ? end + 1 : end };
}

/**
 * Reads `</name>` and answers where it ends.
 * @throws {HtmlError} when it does not close `tag`, the innermost open one.
 */
export function readEndTag(html: string, begin: number, tag: { name: string } | undefined): number {
  const where = (): number => byteOffset(html, begin);
  if (!tag) throw new HtmlError(`Unexpected end tag at byte offset ${where()}`);
  let position = begin + 2;
  while (!isSpace(html[position] ?? END) && html[position] !== '>') position++;
  const name = lowerAscii(html.slice(begin + 2, position));
  while (position < html.length && isSpace(html[position] ?? END)) position++;
  if (html[position] !== '>') throw new HtmlError(`Unclosed end tag at byte offset ${where()}`);
  if (name !== '' && name !== tag.name)
    throw new HtmlError(`Unmatched end tag at byte offset ${where()}, expected "</${tag.name}>", found "</${name}>"`);
  return position + 1;
}

export function readStartTag(html: string, begin: number): { name: string; argument: string; end: number } {
  const where = (): number => byteOffset(html, begin);
  let position = begin + 1;
  while (!isSpace(html[position] ?? END) && html[position] !== '>') position++;
  if (position >= html.length) throw new HtmlError(`Unclosed start tag at byte offset ${where()}`);
  const name = lowerAscii(html.slice(begin + 1, position));
  if (!TAGS.has(name)) throw new HtmlError(`Unsupported start tag "${name}" at byte offset ${where()}`);

  let argument = '';
  while (html[position] !== '>') {
    position = skipSpaces(html, position);
    if (html[position] === '>') break;
    const attribute = readAttribute(html, position, name, begin);
    argument = argumentOf(name, attribute) ?? argument;
    position = attribute.end;
  }
  if (name === 'span' && argument !== 'spoiler')
    throw new HtmlError(`Tag "span" must have class "tg-spoiler" at byte offset ${where()}`);
  return { name, argument, end: position + 1 };
}

function skipSpaces(html: string, position: number): number {
  let end = position;
  while (end < html.length && isSpace(html[end] ?? END)) end++;
  return end;
}

interface Attribute {
  name: string;
  /** Null when no `=` followed. */
  value: string | null;
  end: number;
}

function readAttribute(html: string, begin: number, tag: string, tagBegin: number): Attribute {
  const where = (): number => byteOffset(html, tagBegin);
  const unclosed = (): HtmlError => new HtmlError(`Unclosed start tag "${tag}" at byte offset ${where()}`);
  let position = begin;
  while (position < html.length && !/[\s\0=>/"']/.test(html[position] ?? END)) position++;
  const name = html.slice(begin, position);
  if (name === '') throw new HtmlError(`Empty attribute name in the tag "${tag}" at byte offset ${where()}`);
  position = skipSpaces(html, position);
  if (position >= html.length) throw unclosed();
  if (html[position] !== '=') return { name, value: null, end: position };
  position = skipSpaces(html, position + 1);
  if (position >= html.length) throw unclosed();

  const quote = html[position];
  const read = quote === '"' || quote === "'" ? readQuoted(html, position + 1, quote) : readToken(html, position);
  if (read.end >= html.length) throw new HtmlError(`Unclosed start tag at byte offset ${where()}`);
  return { name, ...read };
}

function readToken(html: string, begin: number): { value: string; end: number } {
  let end = begin;
  while (/[a-z0-9.-]/i.test(html[end] ?? END)) end++;
  if (!isSpace(html[end] ?? END) && html[end] !== '>')
    throw new HtmlError(`Unexpected end of name token at byte offset ${byteOffset(html, begin)}`);
  return { value: lowerAscii(html.slice(begin, end)), end };
}

function readQuoted(html: string, begin: number, quote: string): { value: string; end: number } {
  let value = '';
  let position = begin;
  while (position < html.length && html[position] !== quote) {
    const piece = html[position] === '&' ? readReference(html, position) : undefined;
    value += piece?.text ?? html[position];
    position = piece?.end ?? position + 1;
  }
  return { value, end: position + 1 };
}

/** What an attribute says about its tag; undefined for attributes that Telegram ignores. */
function argumentOf(tag: string, { name, value }: Attribute): string | undefined {
  if (tag === 'blockquote' && name === 'expandable') return '1';
  if (value === null) return undefined;
  if (tag === 'a' && name === 'href') return value;
  if (tag === 'tg-emoji' && name === 'emoji-id') return value;
  if (tag === 'code' && name === 'class' && value.startsWith('language-')) return value.slice('language-'.length);
  if (tag === 'span' && name === 'class' && value.startsWith('tg-')) return value.slice('tg-'.length);
  return undefined;
}
