import { z } from 'zod';
import { type BookingEvent, bookingEventSchema } from './events.ts';

/** An event as a message told it, with the version that the booking had then: the event itself may know an older one, or none. */
export const toldEventSchema = bookingEventSchema.extend({ told_version: z.int().positive() });
export type ToldEvent = z.infer<typeof toldEventSchema>;

export const toldBy = (event: BookingEvent, version: number): ToldEvent => ({ ...event, told_version: version });
