import type { FactLine } from './booking-facts.ts';
import type { MessageRequest } from './message.ts';
import type { Texts } from './texts.ts';

/** A message's parts, in the form that the texts gave them. */
export interface BookingMessage {
  header: string;
  facts: FactLine[];
  closing?: string;
}

/** One per event type; says everything but the ad and the buttons. */
export type BookingRenderer = (request: MessageRequest, texts: Texts) => BookingMessage;
