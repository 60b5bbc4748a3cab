import { cutText } from './cut-text.ts';
import { USER_TEXT_MAX_LENGTH } from './limits.ts';

const NOTHING = '—';
const REPLACEMENT = '\u{FFFD}';
const FIRST_STRONG_ISOLATE = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE = '\u{2069}';

const LONE_SURROGATE = /\p{Cs}/gu;
const SPACE_OR_CONTROL = /[\s\p{Cc}]+/gu;
/** Embeddings, overrides and isolates: they turn text around and could close the isolate set here. */
const BIDI_FORMATTING = /[\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;
/** The marks ALM, LRM and RLM, and the blocks whose default direction is right to left (Unicode, DerivedBidiClass). */
const RIGHT_TO_LEFT =
  /[\u{61C}\u{200E}\u{200F}\u{590}-\u{8FF}\u{FB1D}-\u{FDFF}\u{FE70}-\u{FEFE}\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const VISIBLE = /[^\p{Default_Ignorable_Code_Point}\s]/u;

/**
 * Text of a user's own (a name, a phone) as one line of a message may carry it: line breaks and control characters
 * become spaces so that it cannot forge a line, direction stays inside it, and length is bounded. Not yet escaped.
 */
export function displayText(raw: string): string {
  const line = raw
    .replace(BIDI_FORMATTING, '')
    .replace(LONE_SURROGATE, REPLACEMENT)
    .replace(SPACE_OR_CONTROL, ' ')
    .trim();
  if (!VISIBLE.test(line)) return NOTHING;
  const shown = cutText(line, USER_TEXT_MAX_LENGTH);
  return RIGHT_TO_LEFT.test(shown) ? FIRST_STRONG_ISOLATE + shown + POP_DIRECTIONAL_ISOLATE : shown;
}
