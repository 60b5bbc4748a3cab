import { bookingChange, NOTHING_NEW } from './booking-change.ts';
import { factLines } from './booking-facts.ts';
import type { BookingRenderer } from './booking-renderer.ts';

export const renderRescheduled: BookingRenderer = (request, texts) => {
  const { event, audience, booking } = request;
  const change = bookingChange(event, booking);
  switch (audience) {
    case 'former_specialist':
      return renderForFormerSpecialist(request, texts);
    case 'specialist':
      if (change?.newSpecialist) return renderForNewSpecialist(request, texts);
      break;
    case 'client':
    case 'admin':
      break;
    default:
      audience satisfies never;
  }

  const by = event.initiated_by.role;
  // Moves that led back say how it stands; of what says not where it was, most are moves.
  const wasMoved = change ? change.previousStart !== null : !event.change?.from;
  const facts = factLines(audience, booking, texts, change ?? NOTHING_NEW);
  if (audience !== 'client')
    return { header: texts.say(wasMoved ? 'staff.moved' : 'staff.changed', { id: booking.id }, by), facts };
  return {
    header: texts.say(wasMoved ? 'client.moved' : 'client.changed', {}, by),
    facts,
    closing: texts.say('client.see_you'),
  };
};

/** To them the booking is new: where it stood before is no news of theirs. */
const renderForNewSpecialist: BookingRenderer = ({ booking }, texts) => ({
  header: texts.say('specialist.received', { id: booking.id }),
  facts: factLines('specialist', booking, texts),
});

/** They know the booking by the time it had with them. */
const renderForFormerSpecialist: BookingRenderer = ({ event, booking }, texts) => {
  const from = event.change?.from;
  const asTheyKnewIt = from ? { ...booking, starts_at: new Date(from.starts_at) } : booking;
  return {
    header: texts.say('specialist.lost', { id: booking.id }),
    facts: factLines('former_specialist', asTheyKnewIt, texts),
  };
};
