import { createHash } from 'node:crypto';
import type { BookingEventType } from '../../domain/events.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A phone that was off overnight still hears of the change. */
const SHORTEST_NEWS_TTL_MS = DAY_MS;
/** Services keep a message for a month at most; after a week off, the page tells better. */
const LONGEST_TTL_MS = 7 * DAY_MS;
/** RFC 8030, section 5.4: up to 32 characters of base64url. */
const TOPIC_MAX_LENGTH = 32;

interface Message {
  type: BookingEventType;
  company_id: number;
  booking_id: number;
  starts_at: Date;
  duration_min: number;
  now: Date;
}

/** How the push service is to treat a message (RFC 8030, section 5). */
export interface PushOptions {
  /** How long it may wait for the device. A moment, as it may wait for its turn before it is sent. */
  expiresAt: Date;
  /** `normal` spares the battery: it may come late to a phone at rest. */
  urgency: 'normal' | 'high';
  /** A message not yet delivered is replaced by a later one of its topic. */
  topic: string;
}

/**
 * A reminder, to come or to confirm, ends when the booking begins; news of a booking when it is over, but lives for a day at least and a week at
 * most. What concerns the next day is urgent.
 */
export function pushOptionsFor(message: Message): PushOptions {
  return {
    expiresAt: expiryOf(message),
    urgency: message.starts_at.getTime() <= message.now.getTime() + DAY_MS ? 'high' : 'normal',
    topic: topicOf(notificationTag(message)),
  };
}

function expiryOf({ type, starts_at, duration_min, now }: Message): Date {
  const start = starts_at.getTime();
  const latest = now.getTime() + LONGEST_TTL_MS;
  switch (type) {
    case 'booking_reminder':
    case 'booking_unconfirmed':
      return new Date(Math.min(start, latest));
    case 'booking_created':
    case 'booking_rescheduled':
    case 'booking_cancelled':
      return new Date(Math.min(Math.max(start + duration_min * 60_000, now.getTime() + SHORTEST_NEWS_TTL_MS), latest));
    default:
      return type satisfies never;
  }
}

/** An ad spares the battery, and is of no use after a day. */
export function adPushOptions({ tag, now }: { tag: string; now: Date }): PushOptions {
  return { expiresAt: new Date(now.getTime() + DAY_MS), urgency: 'normal', topic: topicOf(tag) };
}

/** The list of a day is of use until the day is over. */
export function dayListPushOptions(day: Parameters<typeof dayListTag>[0], endsAt: Date): PushOptions {
  return { expiresAt: endsAt, urgency: 'high', topic: topicOf(dayListTag(day)) };
}

/** Each day's takes the place of the one before. */
export function dayListTag({ company_id, user_id }: { company_id: number; user_id: number }): string {
  return `day-${company_id}-${user_id}`;
}

/** One topic a booking, whatever happened to it: the latest state is the only one worth showing. */
function topicOf(tag: string): string {
  return createHash('sha256').update(tag).digest('base64url').slice(0, TOPIC_MAX_LENGTH);
}

/** The same for a notification already on the screen: a later one takes its place. */
export function notificationTag({ company_id, booking_id }: { company_id: number; booking_id: number }): string {
  return `booking-${company_id}-${booking_id}`;
}
