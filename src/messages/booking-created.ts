import { factLines } from './booking-facts.ts';
import type { BookingRenderer } from './booking-renderer.ts';

export const renderCreated: BookingRenderer = ({ event, audience, booking }, texts) => {
  const facts = factLines(audience, booking, texts);
  if (audience !== 'client') return { header: texts.say('staff.created', { id: booking.id }), facts };
  return {
    header: texts.say('client.created', {}, event.initiated_by.role),
    facts,
    closing: texts.say('client.see_you'),
  };
};
