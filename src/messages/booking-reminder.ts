import { factLines } from './booking-facts.ts';
import type { BookingRenderer } from './booking-renderer.ts';

export const renderReminder: BookingRenderer = ({ audience, booking }, texts) => {
  const facts = factLines(audience, booking, texts);
  if (audience !== 'client') return { header: texts.say('staff.reminder', { id: booking.id }), facts };
  return { header: texts.say('client.reminder'), facts, closing: texts.say('client.see_you') };
};
