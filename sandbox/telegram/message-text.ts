import { parseTelegramHtml, type TelegramEntity } from '#src/messages/telegram-html.ts';
import { badRequest } from './api-error.ts';
import { isObject, jsonParameter, type Parameters, textParameter } from './parameters.ts';

export interface FormattedText {
  text: string;
  entities: TelegramEntity[];
}

/** Bot API, sendMessage: 1–4096 characters after entities parsing, counted in UTF-16 units. */
const TEXT_MAX_UNITS = 4096;
/** The server's own bound on the text as sent (telegram-bot-api, `get_formatted_text`). */
const TEXT_MAX_BYTES = 1 << 15;

/** Reads `text`, `parse_mode` and `entities` of a message as the server shows it: parsed, then trimmed. */
export function readMessageText(parameters: Parameters): FormattedText {
  const source = textParameter(parameters, 'text');
  if (source === '') throw badRequest('message text is empty');
  if (Buffer.byteLength(source) > TEXT_MAX_BYTES) throw badRequest('text is too long');
  const formatted = trim(parse(source, parameters));
  if (formatted.text === '') throw badRequest('text must be non-empty');
  if (formatted.text.length > TEXT_MAX_UNITS) throw badRequest('message is too long');
  return formatted;
}

function parse(source: string, parameters: Parameters): FormattedText {
  const mode = textParameter(parameters, 'parse_mode').toLowerCase();
  switch (mode) {
    case '':
    case 'none':
      return { text: source, entities: readEntities(parameters) };
    case 'html': {
      const parsed = parseTelegramHtml(source);
      if (!parsed.ok) throw badRequest(parsed.error);
      return parsed;
    }
    case 'markdown':
    case 'markdownv2':
      throw badRequest('this simulator parses no Markdown');
    default:
      throw badRequest('unsupported parse_mode');
  }
}

function readEntities(parameters: Parameters): TelegramEntity[] {
  const given = jsonParameter(parameters, 'entities', () => badRequest("can't parse entities JSON object"));
  if (!Array.isArray(given)) return [];
  return given.map((entity: unknown) => {
    if (!isObject(entity)) throw badRequest("can't parse MessageEntity: expected an Object");
    for (const field of ['offset', 'length'])
      if (!Number.isSafeInteger(entity[field]))
        throw badRequest(`can't parse MessageEntity: Can't find field "${field}"`);
    if (typeof entity.type !== 'string') throw badRequest('can\'t parse MessageEntity: Can\'t find field "type"');
    return entity as TelegramEntity;
  });
}

/** Drops white space at both ends (tdlib `fix_formatted_text`) and cuts the entities to what is left. */
function trim({ text, entities }: FormattedText): FormattedText {
  const kept = text.trim();
  if (kept === text) return { text, entities };
  const start = text.length - text.trimStart().length;
  const cut = entities.flatMap((entity) => {
    const offset = Math.max(entity.offset - start, 0);
    const end = Math.min(entity.offset + entity.length - start, kept.length);
    return end > offset ? [{ ...entity, offset, length: end - offset }] : [];
  });
  return { text: kept, entities: cut };
}
