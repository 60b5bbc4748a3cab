import type { IncomingHttpHeaders } from 'node:http';

/** How a request ended. `status` 0: no complete answer was sent. */
export interface PushOutcome {
  status: number;
  /** True when the message was taken, whether or not the answer reached the sender. */
  accepted: boolean;
  /** Autopush's number for a refusal. */
  errno?: number | null;
  /** Why not, or the kind of fault. */
  description?: string;
  /** Of the message taken: the last part of its `Location`. */
  messageId?: string;
}

export interface RecordedPush {
  /** As asked for, known or not. */
  endpoint: string;
  /** Names in lower case, the Authorization included. */
  headers: IncomingHttpHeaders;
  /** When its head was in: milliseconds on `performance.now()`'s clock. */
  at: number;
  /** The same moment, Unix time in milliseconds. */
  wall: number;
  /** Null while it is not all in. */
  bodyBytes: number | null;
  /** Decrypted when asked for; null where no virtual browser can. */
  payload(): string | null;
  /** Null while it is under way. */
  outcome: PushOutcome | null;
}
