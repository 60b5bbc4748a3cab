import type { Audience } from '../domain/recipients.ts';
import { type BookingChange, NOTHING_NEW } from './booking-change.ts';
import type { BookingFacts } from './message.ts';
import type { Texts } from './texts.ts';

type Fact = 'client' | 'phone' | 'location' | 'service' | 'time' | 'specialist';

/** The client's phone is for admins: it is theirs to give on. */
const SHOWN: Record<Audience, readonly Fact[]> = {
  admin: ['client', 'phone', 'location', 'service', 'time', 'specialist'],
  specialist: ['client', 'location', 'service', 'time'],
  former_specialist: ['client', 'time'],
  client: ['location', 'service', 'time', 'specialist'],
};

export interface FactLine {
  fact: Fact;
  text: string;
}

/** The booking's lines for one audience, what is new in them marked; an unknown or empty phone or location has no line. */
export function factLines(
  audience: Audience,
  booking: BookingFacts,
  texts: Texts,
  change: BookingChange = NOTHING_NEW,
): FactLine[] {
  return SHOWN[audience].flatMap((fact) => {
    const text = factLine(fact, booking, texts, change);
    return text === null ? [] : [{ fact, text }];
  });
}

function factLine(fact: Fact, booking: BookingFacts, texts: Texts, change: BookingChange): string | null {
  switch (fact) {
    case 'client':
      return texts.say('fact.client', { name: booking.client_name });
    case 'phone':
      return booking.client_phone ? texts.say('fact.phone', { phone: booking.client_phone }) : null;
    case 'location':
      return locationLine(booking, texts, change);
    case 'service':
      return serviceLine(booking, texts, change);
    case 'time':
      return timeLine(booking, texts, change);
    case 'specialist': {
      const key = change.newSpecialist ? 'fact.specialist_new' : 'fact.specialist';
      return texts.say(key, { name: booking.specialist_name });
    }
    default:
      return fact satisfies never;
  }
}

function locationLine({ location_name }: BookingFacts, texts: Texts, { newLocation }: BookingChange): string | null {
  if (!location_name) return null;
  return texts.say(newLocation ? 'fact.location_new' : 'fact.location', { name: location_name });
}

function serviceLine({ service_name, duration_min }: BookingFacts, texts: Texts, change: BookingChange): string {
  const values = { name: service_name, minutes: duration_min };
  if (change.newService) return texts.say('fact.service_new', values);
  if (change.previousDurationMin === null) return texts.say('fact.service', values);
  return texts.say('fact.service_resized', { ...values, before: change.previousDurationMin });
}

function timeLine({ starts_at, time_zone }: BookingFacts, texts: Texts, { previousStart }: BookingChange): string {
  const time = texts.time(starts_at, time_zone);
  if (previousStart === null) return texts.say('fact.time', { time });
  return texts.say('fact.time_moved', { before: texts.time(previousStart, time_zone), time });
}
