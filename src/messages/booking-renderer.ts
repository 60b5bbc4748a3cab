import type { MessageRequest } from './message.ts';
import type { Texts } from './texts.ts';

/** A message's parts, each Telegram HTML; a blank line goes between them. */
export interface BookingMessage {
  header: string;
  facts: string[];
  closing?: string;
}

/** One per event type; says everything but the ad and the buttons. */
export type BookingRenderer = (request: MessageRequest, texts: Texts) => BookingMessage;
