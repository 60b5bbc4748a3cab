import type { Locale } from '../../domain/events.ts';

/** A Firefox behind Google's relay takes no more, in bytes. */
export const PAYLOAD_MAX_BYTES = 2700;
/** After a service found that too much. */
export const SHORT_PAYLOAD_MAX_BYTES = 1300;

const ELLIPSIS = '…';

/** What a device shows. Plain text. */
export interface PushNotification {
  title: string;
  body: string;
  /** The absolute URL that a click opens. */
  navigate: string;
  /** A notification of the same tag is replaced. */
  tag: string;
  lang: Locale;
  /** Without a sound (Notifications API, `silent`). */
  silent?: boolean;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The message as Declarative Web Push has it (Push API, "declarative push message"), the body shortened first and then
 * the title; null when what must stay whole is too much by itself.
 */
export function encodeNotification(notification: PushNotification, maxBytes: number): Buffer | null {
  const whole = encode(notification);
  if (whole.length <= maxBytes) return whole;
  const { title, body } = notification;
  const bare = encode({ ...notification, title: '', body: '' }).length;
  const shortTitle = cut(title, maxBytes - bare);
  if (shortTitle === null) return null;
  const shortBody = cut(body, maxBytes - bare - jsonBytes(shortTitle));
  return encode({ ...notification, title: shortTitle, body: shortBody ?? '' });
}

function encode({ title, body, navigate, tag, lang, silent }: PushNotification): Buffer {
  const notification = { title: title.toWellFormed(), body: body.toWellFormed(), navigate, tag, lang, silent };
  return Buffer.from(JSON.stringify({ web_push: 8030, notification }));
}

/** What a text adds to a JSON document, its quotes left out. */
function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** Cuts between graphemes, so that no emoji or accented letter is torn; null when there is no room at all. */
function cut(text: string, maxBytes: number): string | null {
  // Every UTF-16 unit takes a byte or more, so what is dropped here had no room.
  const candidate = text.slice(0, Math.max(0, maxBytes) + 1).toWellFormed();
  if (jsonBytes(candidate) <= maxBytes) return candidate;
  let room = maxBytes - jsonBytes(ELLIPSIS);
  if (room < 0) return null;
  let end = 0;
  for (const { segment, index } of graphemes.segment(candidate)) {
    room -= jsonBytes(segment);
    if (room < 0) break;
    end = index + segment.length;
  }
  return candidate.slice(0, end).trimEnd() + ELLIPSIS;
}
