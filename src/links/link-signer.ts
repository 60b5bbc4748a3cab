import { createHmac, timingSafeEqual } from 'node:crypto';
import { BOOKING_EVENT_TYPES, type BookingEventType } from '../domain/events.ts';

/** What a link is for. Their order is part of the format: new ones go to the end. */
const LINK_PURPOSES = ['subscribe', 'device', 'booking', 'calendar', 'telegram_start'] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** What the holder of a link may claim to be. */
export interface LinkClaims {
  /**
   * `subscribe` opens the page where a browser subscribes; `device` is what that browser keeps afterwards; `booking` opens
   * one booking; `calendar` fetches its calendar file; `telegram_start` goes to the bot.
   */
  purpose: LinkPurpose;
  company_id: number;
  user_id: number;
  /** Null where the link is not of one booking. */
  booking_id: number | null;
  /** What the person was told when they got the link; its settings choose the ad. */
  event_type: BookingEventType | null;
}

export type LinkRefusal = 'malformed' | 'bad_signature' | 'other_purpose' | 'expired';

export interface LinkSigner {
  /** 48 characters of base64url, so that it fits Telegram's `start` parameter (Bot API, deep linking: at most 64). */
  sign(claims: LinkClaims, expiresAt: Date): string;
  /** The claims, or why they are not believed. Good until `expiresAt`, exclusively. */
  verify(token: string, purposes: readonly LinkPurpose[], now: Date): LinkClaims | LinkRefusal;
}

/** Purpose and event type, one byte each; company, user, booking and the end in seconds, four bytes each. */
const CLAIMS_BYTES = 18;
/** Of HMAC-SHA256, the leftmost (RFC 2104, section 5). With it the token has 36 bytes, which base64 writes in one way. */
const SIGNATURE_BYTES = 18;
const TOKEN = /^[A-Za-z0-9_-]{48}$/;

/** Stands for null where ids and indexes count from 1. */
const NONE = 0;

export function createLinkSigner({ secret }: { secret: Buffer }): LinkSigner {
  const signatureOf = (claims: Buffer): Buffer =>
    createHmac('sha256', secret).update(claims).digest().subarray(0, SIGNATURE_BYTES);

  return {
    sign(claims, expiresAt) {
      const bytes = encodeClaims(claims, expiresAt);
      return Buffer.concat([bytes, signatureOf(bytes)]).toString('base64url');
    },
    verify(token, purposes, now) {
      if (!TOKEN.test(token)) return 'malformed';
      const bytes = Buffer.from(token, 'base64url');
      const signed = bytes.subarray(0, CLAIMS_BYTES);
      if (!timingSafeEqual(bytes.subarray(CLAIMS_BYTES), signatureOf(signed))) return 'bad_signature';
      const { claims, expiresAtMs } = decodeClaims(signed);
      if (!claims) return 'malformed';
      if (!purposes.includes(claims.purpose)) return 'other_purpose';
      return now.getTime() < expiresAtMs ? claims : 'expired';
    },
  };
}

function encodeClaims({ purpose, company_id, user_id, booking_id, event_type }: LinkClaims, expiresAt: Date): Buffer {
  const bytes = Buffer.alloc(CLAIMS_BYTES);
  bytes.writeUInt8(LINK_PURPOSES.indexOf(purpose) + 1, 0);
  bytes.writeUInt8(event_type === null ? NONE : BOOKING_EVENT_TYPES.indexOf(event_type) + 1, 1);
  bytes.writeUInt32BE(company_id, 2);
  bytes.writeUInt32BE(user_id, 6);
  bytes.writeUInt32BE(booking_id ?? NONE, 10);
  bytes.writeUInt32BE(Math.floor(expiresAt.getTime() / 1000), 14);
  return bytes;
}

/** No claims where a later version signed a purpose that this one does not know. */
function decodeClaims(bytes: Buffer): { claims: LinkClaims | null; expiresAtMs: number } {
  const purpose = LINK_PURPOSES[bytes.readUInt8(0) - 1];
  const claims = purpose && {
    purpose,
    event_type: BOOKING_EVENT_TYPES[bytes.readUInt8(1) - 1] ?? null,
    company_id: bytes.readUInt32BE(2),
    user_id: bytes.readUInt32BE(6),
    booking_id: bytes.readUInt32BE(10) || null,
  };
  return { claims: claims ?? null, expiresAtMs: bytes.readUInt32BE(14) * 1000 };
}
