import type { LoadWork } from './api-load.ts';
import { ADMIN_API_KEY, createBookingBodies } from './salons.ts';

/** Whole requests as they go over the wire. */
export interface RequestSupply {
  next(): Buffer;
  status: number;
  /** How many were taken so far. */
  made(): number;
}

const EVENT_COMPANIES = 64;

/** An event of some 170 B, as a booking back end would post it. */
const eventOf = (number: number) => ({
  type: 'booking_created',
  company_id: 1 + (number % EVENT_COMPANIES),
  booking_id: 100_000 + number,
  initiated_by: { user_id: 1000 + number, role: 'client', channel: 'web' },
  ts: 1_798_761_600,
});

function requestOf(path: string, host: string, body: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    `authorization: Bearer ${ADMIN_API_KEY}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Events are made before and posted again and again, for each is a new one to the server; every booking has a time of its own. */
export function createRequestSupply(url: string, work: LoadWork): RequestSupply {
  const { host } = new URL(url);
  let made = 0;
  if (work.kind === 'bookings') {
    const body = createBookingBodies(work.salons);
    return {
      next() {
        made += 1;
        return requestOf('/v1/bookings', host, body());
      },
      status: 201,
      made: () => made,
    };
  }
  const bodyOf = (company: number): string => {
    const events = Array.from({ length: work.each }, (_, index) => eventOf(company * work.each + index));
    return JSON.stringify(work.each === 1 ? events[0] : events);
  };
  const ready = Array.from({ length: EVENT_COMPANIES }, (_, company) => requestOf('/v1/events', host, bodyOf(company)));
  return {
    next: () => ready[made++ % ready.length] ?? Buffer.alloc(0),
    status: 202,
    made: () => made,
  };
}
