/** What a handler answers; the server adds the request id and writes it. */
export interface Answer {
  status: number;
  /** The body's text; absent for none. */
  text?: string;
  /** A body that is no text. */
  bytes?: Uint8Array;
  /** `application/json` unless said. */
  contentType?: string;
  headers?: Record<string, string>;
  /** What the client still sends is not wanted. */
  closesConnection?: boolean;
}

export const NO_CONTENT: Answer = Object.freeze({ status: 204 });

/** Dates become ISO 8601 in UTC with milliseconds. */
export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, text: JSON.stringify(value), headers };
}
