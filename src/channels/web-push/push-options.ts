import { createHash } from 'node:crypto';
import type { BookingEventType } from '../../domain/events.ts';

const DAY_S = 24 * 60 * 60;
/** A phone that was off overnight still hears of the change. */
const SHORTEST_NEWS_TTL_S = DAY_S;
/** Services keep a message for a month at most; after a week off, the page tells better. */
const LONGEST_TTL_S = 7 * DAY_S;
/** RFC 8030, section 5.4: up to 32 characters of base64url. */
const TOPIC_MAX_LENGTH = 32;

/** How the push service is to treat a message (RFC 8030, section 5). */
export interface PushOptions {
  /** How long it may wait for the device, in seconds. */
  ttlSeconds: number;
  /** `normal` spares the battery: it may come late to a phone at rest. */
  urgency: 'normal' | 'high';
  /** A message not yet delivered is replaced by a later one of its topic. */
  topic: string;
}

/**
 * A reminder ends when the booking begins; news of a booking when it is over, but lives for a day at least and a week at
 * most. What concerns the next day is urgent.
 */
export function pushOptionsFor(message: {
  type: BookingEventType;
  company_id: number;
  booking_id: number;
  starts_at: Date;
  duration_min: number;
  now: Date;
}): PushOptions {
  const untilStart = Math.floor((message.starts_at.getTime() - message.now.getTime()) / 1000);
  return {
    ttlSeconds: ttlSeconds(message.type, untilStart, message.duration_min * 60),
    urgency: untilStart <= DAY_S ? 'high' : 'normal',
    topic: topicOf(message),
  };
}

function ttlSeconds(type: BookingEventType, untilStart: number, duration: number): number {
  switch (type) {
    case 'booking_reminder':
      return Math.min(Math.max(untilStart, 0), LONGEST_TTL_S);
    case 'booking_created':
    case 'booking_rescheduled':
    case 'booking_cancelled':
      return Math.min(Math.max(untilStart + duration, SHORTEST_NEWS_TTL_S), LONGEST_TTL_S);
    default:
      return type satisfies never;
  }
}

/** One topic a booking, whatever happened to it: the latest state is the only one worth showing. */
function topicOf(booking: { company_id: number; booking_id: number }): string {
  const digest = createHash('sha256').update(notificationTag(booking)).digest('base64url');
  return digest.slice(0, TOPIC_MAX_LENGTH);
}

/** The same for a notification already on the screen: a later one takes its place. */
export function notificationTag({ company_id, booking_id }: { company_id: number; booking_id: number }): string {
  return `booking-${company_id}-${booking_id}`;
}
