import { AD_MAX_LENGTH, BROADCAST_MAX_LENGTH, MESSAGE_MAX_LENGTH } from './limits.ts';
import { parseTelegramHtml } from './telegram-html.ts';

/** What is wrong with an ad's Telegram HTML, to follow the name of its field; null when nothing is. */
export const checkAdHtml = (html: string): string | null => problemOf(html, AD_MAX_LENGTH);

/**
 * The same for a broadcast's.
 * @param adHtml the ad that goes below, which takes of its room
 */
export const checkBroadcastHtml = (html: string, adHtml = ''): string | null =>
  problemOf(html, BROADCAST_MAX_LENGTH - shownLength(adHtml));

function problemOf(html: string, maxLength: number): string | null {
  const parsed = parseTelegramHtml(html);
  if (!parsed.ok) return `must be Telegram HTML: ${parsed.error}`;
  if (parsed.text.trim() === '') return 'must show some text';
  return parsed.text.length > maxLength ? `must show at most ${maxLength} characters` : null;
}

/** Whether Telegram takes it in one message. */
export const fitsMessage = (html: string): boolean =>
  // What is shown is never longer than its source.
  html.length <= MESSAGE_MAX_LENGTH || shownLength(html) <= MESSAGE_MAX_LENGTH;

/** UTF-16 units once parsed; of what Telegram refuses, its source's. */
function shownLength(html: string): number {
  const parsed = parseTelegramHtml(html);
  return parsed.ok ? parsed.text.length : html.length;
}
