import type { MessageHeaders } from './message-headers.ts';

/** A message, as the service took it. */
export interface PushMessage extends MessageHeaders {
  /** Unique; what Mozilla's protocol calls the version. */
  id: string;
  subscription: Subscription;
  /** As encrypted by the sender; null when there was none. */
  body: Buffer | null;
  /** Unix time in milliseconds. */
  sentAt: number;
}

export interface Subscription {
  readonly token: string;
  readonly endpoint: string;
  readonly receiver: Receiver;
  /** The one key that may send, in base64url without padding (RFC 8292, section 4). */
  readonly applicationServerKey: string;
  /** Nobody listens any more; the service remembers that somebody did. */
  gone: boolean;
}

/** Who reads what is sent to a subscription. */
export interface Receiver {
  /** Shows the message, or keeps it as long as its TTL allows. */
  take(message: PushMessage): void;
  /** Null where the keys are not known here. @throws when the body is not for these keys. */
  decrypt(body: Buffer): Buffer | null;
}
