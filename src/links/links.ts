import type { BookingEventType } from '../domain/events.ts';
import type { LinkClaims, LinkSigner } from './link-signer.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** How long a link waits to be opened. */
export const INVITATION_TTL_MS = 7 * DAY_MS;
/** How long a browser that subscribed may renew its subscription without a new link. Every visit begins it anew. */
const DEVICE_TTL_MS = 400 * DAY_MS;
/** How long after its start a booking can be looked at. */
const BOOKING_TTL_MS = 30 * DAY_MS;
const CALENDAR_TTL_MS = HOUR_MS;

interface LinkOwner {
  id: number;
  company_id: number;
}

interface BookingLinkTarget {
  company_id: number;
  user_id: number;
  booking_id: number;
  starts_at: Date;
  /** What the person is told; its settings choose the ad on the page. Null for none. */
  event_type: BookingEventType | null;
}

/** The links that people get. Where a browser opens one, its token stands in the fragment: no log or referrer has it. */
export interface Links {
  /** `telegram_url` is null while the bot's name is not known. */
  invitation(user: LinkOwner): { telegram_url: string | null; subscribe_url: string; expires_at: Date };
  /** What a subscribed browser keeps. */
  deviceToken(user: LinkOwner): string;
  bookingUrl(target: BookingLinkTarget): string;
  /** In the query, as a calendar fetches the file itself; good for an hour. */
  calendarPath(claims: LinkClaims): string;
}

export function createLinks(deps: {
  signer: LinkSigner;
  /** Without a slash at the end. */
  publicUrl: string;
  /** Without the @; null while it is not known. */
  botUsername: () => string | null;
  clock: () => Date;
}): Links {
  const { signer, publicUrl, botUsername, clock } = deps;
  const after = (ms: number): Date => new Date(clock().getTime() + ms);
  const ownClaims = ({ id, company_id }: LinkOwner, purpose: LinkClaims['purpose']): LinkClaims => ({
    purpose,
    company_id,
    user_id: id,
    booking_id: null,
    event_type: null,
  });

  return {
    invitation(user) {
      const expires_at = after(INVITATION_TTL_MS);
      const tokenFor = (purpose: LinkClaims['purpose']) => signer.sign(ownClaims(user, purpose), expires_at);
      const bot = botUsername();
      return {
        telegram_url: bot === null ? null : `https://t.me/${bot}?start=${tokenFor('telegram_start')}`,
        subscribe_url: `${publicUrl}/subscribe#${tokenFor('subscribe')}`,
        expires_at,
      };
    },
    deviceToken: (user) => signer.sign(ownClaims(user, 'device'), after(DEVICE_TTL_MS)),
    bookingUrl({ starts_at, ...claims }) {
      const expiresAt = new Date(Math.max(starts_at.getTime(), clock().getTime()) + BOOKING_TTL_MS);
      return `${publicUrl}/booking#${signer.sign({ purpose: 'booking', ...claims }, expiresAt)}`;
    },
    calendarPath: (claims) =>
      `booking.ics?token=${signer.sign({ ...claims, purpose: 'calendar' }, after(CALENDAR_TTL_MS))}`,
  };
}
