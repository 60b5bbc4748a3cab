const ELLIPSIS = '…';
const LONE_SURROGATE = /\p{Cs}/gu;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * At most so many UTF-16 units. Cuts between graphemes, so that no emoji or accented letter is torn; within one only if it
 * fills the text alone.
 */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const room = maxLength - ELLIPSIS.length;
  const boundary = graphemes.segment(text).containing(room)?.index ?? 0;
  const kept = boundary > 0 ? text.slice(0, boundary) : text.slice(0, room).replace(LONE_SURROGATE, '');
  return kept.trimEnd() + ELLIPSIS;
}
