import { factLines } from './booking-facts.ts';
import type { BookingRenderer } from './booking-renderer.ts';

export const renderCancelled: BookingRenderer = ({ event, audience, booking }, texts) => {
  const facts = factLines(audience, booking, texts);
  const by = event.initiated_by.role;
  if (audience !== 'client') return { header: texts.say('staff.cancelled', { id: booking.id }, by), facts };
  return {
    header: texts.say('client.cancelled', {}, by),
    facts,
    closing: texts.say('client.another_time'),
  };
};
