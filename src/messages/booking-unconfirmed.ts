import { factLines } from './booking-facts.ts';
import type { BookingRenderer } from './booking-renderer.ts';
import type { MessageRequest } from './message.ts';
import type { Texts } from './texts.ts';

export const renderUnconfirmed: BookingRenderer = (request, texts) => ({
  header: headerOf(request, texts),
  facts: factLines(request.audience, request.booking, texts),
});

/** Who has the phone number calls. Once the client has confirmed, nobody needs to. */
function headerOf({ audience, booking: { id }, confirmation }: MessageRequest, texts: Texts): string {
  const isConfirmed = confirmation?.kind === 'confirmed';
  if (audience === 'client') return texts.say(isConfirmed ? 'card.client_header' : 'client.unconfirmed');
  if (isConfirmed) return texts.say('card.header', { id });
  return texts.say(audience === 'admin' ? 'admin.unconfirmed' : 'staff.unconfirmed', { id });
}
